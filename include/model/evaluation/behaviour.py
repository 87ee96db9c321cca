"""Behavioural tests of a model: what must not matter, what must, and what any model of use gets right.

After Ribeiro et al. 2020, "Beyond Accuracy: Behavioral Testing of NLP Models with CheckList". The
cases are data; they run through any scorer, a network in this process or a server.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

TOLERANCE = 0.1
"""How far a probability may move, even across the threshold, where nothing that matters changed."""
SLACK = 0.02
"""How far it may move the wrong way where it should move one way or stay."""


@dataclass(frozen=True)
class Case:
    """One test.

    kind: 'invariance' (both texts get the same answer), 'direction' (the second is no less likely than
    the first) or 'minimum' (the text is about AI, or isn't, as ``about_ai`` says).
    """

    kind: str
    name: str
    texts: tuple[str, ...]
    about_ai: bool | None = None


def _pairs(kind: str, name: str, *pairs: tuple[str, str]) -> tuple[Case, ...]:
    return tuple(Case(kind, name, pair) for pair in pairs)


def _minimum(name: str, about_ai: bool, *texts: str) -> tuple[Case, ...]:
    return tuple(Case("minimum", name, (text,), about_ai) for text in texts)


CASES: tuple[Case, ...] = (
    *_pairs(
        "invariance",
        "handle",
        ("@ann have you seen this deep learning course?", "@bob_77 have you seen this deep learning course?"),
        ("RT @ann: Lunch was great today", "RT @newsdesk: Lunch was great today"),
        ("New paper on neural networks", "RT @someone: New paper on neural networks"),
        ("thanks @ann for the cake", "thanks @ai_daily_news for the cake"),
    ),
    *_pairs(
        "invariance",
        "link",
        (
            "Machine learning in hospitals https://t.co/abcdefghij",
            "Machine learning in hospitals https://t.co/zyxwvutsrq",
        ),
        (
            "What a goal last night https://t.co/abcdefghij",
            "What a goal last night https://example.org/sport/1",
        ),
        (
            "Our garden this morning https://t.co/AIaiAIaiAI",
            "Our garden this morning https://t.co/qwertyuiop",
        ),
    ),
    *_pairs(
        "invariance",
        "case",
        ("deep learning for medical images", "DEEP LEARNING FOR MEDICAL IMAGES"),
        ("Artificial intelligence will change jobs", "artificial intelligence will change jobs"),
        ("good morning everyone, coffee first", "GOOD MORNING EVERYONE, COFFEE FIRST"),
    ),
    *_pairs(
        "invariance",
        "hashtag form",
        ("Five #MachineLearning tools you should know", "Five machine learning tools you should know"),
        ("Five #MachineLearning tools you should know", "Five #machinelearning tools you should know"),
        ("A course on #DeepLearning starts on Monday", "A course on deep learning starts on Monday"),
        ("My #BigData project with Spark", "My big data project with Spark"),
        ("Happy #Monday to all of you", "Happy Monday to all of you"),
    ),
    *_pairs(
        "direction",
        "a subject of AI is added",
        ("A new course starts on Monday", "A new course on machine learning starts on Monday"),
        ("We are hiring engineers in Berlin", "We are hiring deep learning engineers in Berlin"),
        ("Read our latest article", "Read our latest article about artificial intelligence"),
        ("Ten books to read this year", "Ten data science books to read this year"),
        ("The talk starts at nine", "The talk starts at nine #AI #MachineLearning #DataScience"),
    ),
    *_pairs(
        "direction",
        "an everyday subject is put in its place",
        (
            "I love apple pie and learning to bake",
            "I love neural networks and learning to code them in Python",
        ),
        ("The big game is tonight", "The big data conference is tonight"),
        ("My phone's data plan is empty again", "My data science bootcamp starts again"),
    ),
    *_minimum(
        "about AI",
        True,
        "Deep learning beats doctors at reading X-rays, says a new study",
        "Introduction to machine learning with Python and scikit-learn",
        "#AI #MachineLearning #DeepLearning #DataScience top ten trends",
        "How artificial intelligence is changing the way banks work",
        "A beginner's guide to neural networks https://t.co/abcdefghij",
        "Job: data scientist in London, Python and machine learning #datascience #jobs",
        "Natural language processing with transformers: a tutorial #NLP",
    ),
    *_minimum(
        "not about AI",
        False,
        "Good morning! Coffee first, then the rest of the day",
        "What a goal! Best match of the season so far",
        "My cat is sleeping on the keyboard again",
        "Happy birthday to my little sister, love you so much",
        "It is raining again and I forgot my umbrella",
        "Stay home, wash your hands and be kind to each other",
        "I am learning to cook, the big pot was too small",
    ),
)


def run_cases(
    scorer: Callable[[Sequence[str]], np.ndarray], threshold: float, cases: Sequence[Case] = CASES
) -> dict[str, Any]:
    """Ask a scorer for all the texts at once, and say what passed.

    Returns:
        cases, passed, pass_rate, by_kind ({kind: [passed, cases]}) and failures (kind, name, texts and
        probabilities of each).
    """
    texts = [text for case in cases for text in case.texts]
    answers = iter(np.asarray(scorer(texts), dtype=np.float64).tolist())
    by_kind: dict[str, list[int]] = {}
    failures = []
    for case in cases:
        said = [next(answers) for _ in case.texts]
        passed = _passes(case, said, threshold)
        counts = by_kind.setdefault(case.kind, [0, 0])
        counts[0] += passed
        counts[1] += 1
        if not passed:
            failures.append(
                {"kind": case.kind, "name": case.name, "texts": list(case.texts), "probabilities": said}
            )
    count = len(cases)
    return {
        "cases": count,
        "passed": count - len(failures),
        "pass_rate": (count - len(failures)) / max(count, 1),
        "by_kind": by_kind,
        "failures": failures,
    }


def _passes(case: Case, said: Sequence[float], threshold: float) -> bool:
    if not np.isfinite(said).all():
        return False
    if case.kind == "minimum":
        return (said[0] >= threshold) == case.about_ai
    first, second = said
    if case.kind == "direction":
        return second >= first - SLACK
    same = (first >= threshold) == (second >= threshold)
    return same or abs(first - second) <= TOLERANCE
