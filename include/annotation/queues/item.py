"""A post handed to one annotator to be labelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

QueueName = Literal[
    "random", "overlap", "uncertainty", "conflict", "disagreement", "adjudication", "reported"
]
QUEUES: tuple[QueueName, ...] = get_args(QueueName)
"""Queues, the unbiased one first. Only posts drawn by ``random`` may feed an estimate."""

BLIND: tuple[QueueName, ...] = ("random", "overlap", "reported")
"""Queues on which no suggestion is shown, so that it cannot bias the labels."""


@dataclass(frozen=True, slots=True)
class Item:
    """What the tagger shows, and the lease under which it is shown."""

    lease_id: UUID
    annotator: str
    version: int
    queue: str
    text_hash: str
    post_id: str
    text: str
    lang: str | None
    links: tuple[str, ...]
    keywords: tuple[str, ...]
    is_retweet: bool
    weak_probability: float | None = None
