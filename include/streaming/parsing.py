"""The parse stage: Kafka messages of one Arrow batch into posts, and dead letters with their reasons."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from include.posts.parse import parse_post
from include.posts.post import Post, PostError

log = logging.getLogger(__name__)

MAX_ID_BYTES = 500
"""``ai_tweets`` has an index on the id, and a B-tree key of Postgres takes 2,704 bytes."""


@dataclass
class Parsed:
    """Posts with the row of each in its batch, and the reasons of the rows that are none."""

    rows: list[int] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)


def parse_messages(values: Sequence[bytes | None]) -> Parsed:
    """Parse the values of messages; nothing one of them holds stops the others.

    >>> parsed = parse_messages([b'{"id_str": "1", "text": "hello"}', b"{", None])
    >>> parsed.rows, parsed.refused
    ([0], {1: 'not JSON', 2: 'empty'})
    """
    parsed = Parsed()
    for row, value in enumerate(values):
        try:
            post = parse_post(value) if value else _refuse("empty")
            if len(post.id) > MAX_ID_BYTES:
                _refuse("id too long")
        except PostError as problem:
            parsed.refused[row] = problem.reason
        except Exception as problem:  # noqa: BLE001 - a fault of the parser must not stop the stream
            log.warning("the parser failed on a message: %r", problem)
            parsed.refused[row] = f"parser failed: {type(problem).__name__}"
        else:
            parsed.rows.append(row)
            parsed.posts.append(post)
    return parsed


def _refuse(reason: str) -> Post:
    raise PostError(reason)
