"""A source without the posts that are forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import psycopg

from include.sources.interface.source import RawPost, Source
from include.tombstones.table import forgotten_among

AT_ONCE = 1_000
"""Posts that one query asks for. Of a live source each by itself: it yields hundreds a second at most."""


class WithoutForgotten:
    """Passes on what another source yields, but for forgotten posts; ``left_out`` counts them.

    A post is known by its key, its id. What repeats a forgotten post, or is of a forgotten account, is left
    out where tables are written.
    """

    def __init__(self, source: Source, connection: psycopg.Connection) -> None:
        self._source, self._connection = source, connection
        self.kind, self.live = source.kind, source.live
        self.left_out = 0

    def posts(self) -> Iterator[RawPost]:
        """See :class:`include.sources.interface.source.Source`."""
        given = iter(self._source.posts())
        while some := list(islice(given, 1 if self.live else AT_ONCE)):
            yield from self._wanted(some)

    def fingerprint(self) -> str:
        return self._source.fingerprint()

    def parameters(self) -> dict[str, Any]:
        return self._source.parameters()

    def __getattr__(self, name: str) -> Any:
        """What only some sources have, such as ``stop``."""
        return getattr(self._source, name)

    def _wanted(self, posts: list[RawPost]) -> Iterable[RawPost]:
        keys = {post.key: post.key.decode("utf-8", "replace") for post in posts if post.key}
        gone = forgotten_among(self._connection, keys.values())
        for post in posts:
            if post.key and keys[post.key] in gone:
                self.left_out += 1
            else:
                yield post
