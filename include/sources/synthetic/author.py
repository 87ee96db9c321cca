"""Generates the synthetic posts: seeded, by subject, with retweets and near-copies of earlier ones."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from include.posts.fields import tags_in
from include.sources.synthetic import payloads
from include.sources.synthetic.grammar import Grammar
from include.sources.synthetic.payloads import Draft
from include.sources.synthetic.phrases import ai, everyday, hidden_ai, languages, lookalikes
from include.sources.synthetic.phrases.shared import SHARED

GRAMMAR = Grammar(
    SHARED
    | ai.AI_SLOTS
    | hidden_ai.HIDDEN_SLOTS
    | lookalikes.LOOKALIKE_SLOTS
    | lookalikes.BLURRED_SLOTS
    | everyday.EVERYDAY_SLOTS
)


@dataclass(frozen=True)
class Subject:
    """One kind of post: its true label, its share, its templates (with their language) and hashtags."""

    name: str
    label: int
    weight: float
    templates: list[tuple[str, str]]
    tags: tuple[str, ...] = ("",)
    tag_count: tuple[int, ...] = (0, 0, 1, 2)
    link: float = 0.3


def _english(templates: list[str]) -> list[tuple[str, str]]:
    return [("en", template) for template in templates]


SUBJECTS = (
    Subject("ai", 1, 0.235, _english(ai.AI_TEMPLATES), ai.AI_TAGS, (0, 0, 1, 2, 3, 4), 0.75),
    Subject("blurred ai", 1, 0.038, _english(["{blur}"]), lookalikes.BLURRED_TAGS, (2, 3, 4), 0.9),
    Subject("foreign ai", 1, 0.030, languages.FOREIGN_AI, ("",), (0,), 0.6),
    Subject(
        "hidden ai", 1, 0.035, _english(hidden_ai.HIDDEN_TEMPLATES), hidden_ai.HIDDEN_TAGS, (0, 0, 1), 0.3
    ),
    Subject(
        "lookalike", 0, 0.118, _english(lookalikes.LOOKALIKE_TEMPLATES), ("{life_tag}",), (0, 0, 0, 1), 0.2
    ),
    Subject("spam", 0, 0.036, _english(lookalikes.SPAM_TEMPLATES), lookalikes.SPAM_TAGS, (4, 5, 6, 8), 0.6),
    Subject("blurred", 0, 0.038, _english(["{blur}"]), lookalikes.BLURRED_TAGS, (2, 3, 4), 0.9),
    Subject("foreign", 0, 0.090, languages.FOREIGN_OTHER, ("{life_tag}", ""), (0, 0, 1), 0.2),
    Subject(
        "everyday",
        0,
        0.380,
        _english(everyday.EVERYDAY_TEMPLATES),
        everyday.EVERYDAY_TAGS,
        (0, 0, 0, 1, 2),
        0.2,
    ),
)
_WEIGHTS = [subject.weight for subject in SUBJECTS]
_EPOCH = datetime(2020, 3, 1, tzinfo=UTC)
_X_EPOCH_MS = 1_288_834_974_657  # X's ids count milliseconds from here, then 22 bits
_RETWEETS, _NEAR_COPIES, _MEMORY = 0.12, 0.05, 400


@dataclass(frozen=True)
class GeneratedPost:
    """One post with its true label, which the pipeline never sees."""

    draft: Draft
    retweeted: Draft | None
    label: int
    subject: str


def write(seed: int) -> Iterator[GeneratedPost]:
    """Endless posts, the same for the same seed. About one in six repeats an earlier one."""
    rng = random.Random(f"posts:{seed}")
    memory: deque[GeneratedPost] = deque(maxlen=_MEMORY)
    time = _EPOCH + timedelta(days=seed % 3650, seconds=rng.randrange(86_400))
    for number in _count():
        time += timedelta(milliseconds=int(rng.expovariate(1 / 30_000)))
        identifier = str((int(time.timestamp() * 1000) - _X_EPOCH_MS << 22) | number & 0x3FFFFF)
        chance = rng.random()
        if memory and chance < _RETWEETS:
            written = _retweet(rng.choice(memory), identifier, time, rng)
        elif memory and chance < _RETWEETS + _NEAR_COPIES:
            written = _near_copy(rng.choice(memory), identifier, time, rng)
        else:
            subject = rng.choices(SUBJECTS, _WEIGHTS)[0]
            written = _fresh(subject, identifier, time, rng)
        if written.retweeted is None:
            memory.append(written)
        yield written


def _count() -> Iterator[int]:
    number = 0
    while True:
        yield number
        number += 1


def _fresh(subject: Subject, identifier: str, time: datetime, rng: random.Random) -> GeneratedPost:
    lang, template = rng.choice(subject.templates)
    frame = f"{{lead}}{template}{{tail}}" if lang == "en" and rng.random() < 0.6 else template
    text = GRAMMAR.expand(frame, rng)
    text = payloads.with_typos(text, rng, rng.choice([0, 0, 0, 0.03, 0.08])) if lang == "en" else text
    text = (
        text.lower() if rng.random() < 0.12 else text[:1].upper() + text[1:] if rng.random() < 0.6 else text
    )
    return GeneratedPost(
        _draft(text, subject, lang, identifier, time, rng), None, subject.label, subject.name
    )


def _draft(
    text: str, subject: Subject, lang: str, identifier: str, time: datetime, rng: random.Random
) -> Draft:
    links = {}
    if rng.random() < subject.link:
        links[payloads.short_link(rng)] = payloads.long_link(text, rng)
    tags = [GRAMMAR.expand(rng.choice(subject.tags), rng) for _ in range(rng.choice(subject.tag_count))]
    parts = [text, *dict.fromkeys(filter(None, tags)), *links]
    text = rng.choice([" ", " ", "\n"]).join(parts) if len(parts) > 1 else text
    return Draft(
        identifier, text, lang, time, payloads.client(rng), links, tuple(dict.fromkeys(tags_in(text)))
    )


def _retweet(original: GeneratedPost, identifier: str, time: datetime, rng: random.Random) -> GeneratedPost:
    draft = replace(original.draft, id=identifier, created_at=time, client=payloads.client(rng))
    return GeneratedPost(draft, original.draft, original.label, original.subject)


def _near_copy(original: GeneratedPost, identifier: str, time: datetime, rng: random.Random) -> GeneratedPost:
    """The post again with other links, one more typo, or a word in front, as bots and friends write them."""
    text, links = original.draft.text, {}
    for url, target in original.draft.links.items():
        fresh = payloads.short_link(rng)
        text, links[fresh] = text.replace(url, fresh), target
    text = GRAMMAR.expand(rng.choice(["{wow}: ", "{handle} ", "", ""]), rng) + " " + text
    words = payloads.with_typos(text.strip(), rng, 0.04) if not links else text.strip()
    draft = replace(original.draft, id=identifier, text=words, created_at=time, links=links)
    return GeneratedPost(draft, None, original.label, original.subject)
