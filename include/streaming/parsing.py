"""The parse stage: Kafka messages of one Arrow batch into posts, and dead letters with their reasons."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from include.posts.light import Light, read_light
from include.posts.post import PostError

log = logging.getLogger(__name__)

MAX_ID_BYTES = 500
"""``ai_tweets`` has an index on the id, and a B-tree key of Postgres takes 2,704 bytes."""


@dataclass
class Parsed:
    """Posts with the row of each in its batch, and the reasons of the rows that are none."""

    rows: list[int] = field(default_factory=list)
    posts: list[Light] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)


def parse_messages(values: Sequence[bytes | None]) -> Parsed:
    """Parse the values of messages; nothing one of them holds stops the others.

    >>> parsed = parse_messages([b'{"id_str": "1", "text": "hello"}', b"{", None])
    >>> parsed.rows, parsed.refused
    ([0], {1: 'not JSON', 2: 'empty'})
    """
    parsed = Parsed()
    add_row, add_post = parsed.rows.append, parsed.posts.append
    for row, value in enumerate(values):
        try:
            post = read_light(value) if value else _refuse("empty")
            if len(post.id) > MAX_ID_BYTES:
                _refuse("id too long")
        except PostError as problem:
            parsed.refused[row] = problem.reason
        except Exception as problem:  # noqa: BLE001 - a fault of the parser must not stop the stream
            log.warning("the parser failed on a message: %r", problem)
            parsed.refused[row] = f"parser failed: {type(problem).__name__}"
        else:
            add_row(row)
            add_post(post)
    return parsed


def _refuse(reason: str) -> Light:
    raise PostError(reason)
