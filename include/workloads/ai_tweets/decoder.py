"""The parse stage: Kafka messages of one Arrow batch into posts, and dead letters with their reasons."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from include.posts.fast_parse import Light, read_light
from include.posts.post import PostError

log = logging.getLogger(__name__)


class Columns(NamedTuple):
    """The fields of many posts, one sequence each; see :class:`include.posts.fast_parse.Light`."""

    id: Sequence[str]
    text: Sequence[str]
    created_at: Sequence[int | None]
    lang: Sequence[str | None]
    links: Sequence[tuple[str, ...]]
    hashtags: Sequence[tuple[str, ...]]


@dataclass
class Parsed:
    """Posts with the row of each in its batch, and the reasons of the rows that are none."""

    rows: list[int] = field(default_factory=list)
    posts: list[Light] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)

    def columns(self) -> Columns:
        return Columns(*zip(*self.posts, strict=True)) if self.posts else Columns(*((),) * 6)


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
