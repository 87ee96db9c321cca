"""The model and its baselines on the same rows, and what is said first of the comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from include.lexicon.keywords import is_ai_text
from include.model.evaluation.predictions import Answers
from include.statistics.classification import evaluate

Scorer = Callable[[Sequence[str]], np.ndarray]

MODEL, KEYWORDS, TFIDF, GOLDEN_ONLY = "model", "keyword_rule", "tfidf_lr", "golden_only_tfidf_lr"
COMPARED = ("f1", "auc", "average_precision")


def keyword_scores(texts: Sequence[str]) -> np.ndarray:
    """1.0 where a text has an AI keyword, else 0.0; float64[n]."""
    return np.array([is_ai_text(text) for text in texts], dtype=np.float64)


def keyword_answers(texts: Sequence[str]) -> Answers:
    """The word-boundary keyword rule as a judge."""
    return Answers(keyword_scores(texts), 0.5)


def judge(labels: np.ndarray, answers: Mapping[str, Answers]) -> dict[str, Any]:
    """Metrics of everyone's answers on the same rows, by name."""
    return {name: evaluate(labels, given.probabilities, given.threshold) for name, given in answers.items()}


def verdict(judged: Mapping[str, Any], source: str) -> list[str]:
    """Sentences on where a baseline wins, or that none does; by F1, AUC and average precision."""
    lost = []
    for name in judged:
        for metric in COMPARED:
            ours, theirs = judged[MODEL][metric], judged[name][metric]
            if name != MODEL and ours is not None and theirs is not None and theirs > ours:
                lost.append(
                    f"The baseline {name} beats the model on {source} labels by {metric}: "
                    f"{theirs:.3f} against {ours:.3f}."
                )
    metrics = "f1, auc or average_precision"
    return lost or [f"No baseline beats the model on {source} labels by {metrics} (n={judged[MODEL]['n']})."]


def lost_first(sentences: Sequence[str]) -> list[str]:
    """Verdicts on several sets of rows, those first in which a baseline wins."""
    return sorted(sentences, key=lambda sentence: not sentence.startswith("The baseline"))
