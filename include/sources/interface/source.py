"""What every source of posts has in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from include.errors import UserError


class SourceError(UserError):
    """A source that can't be read; the message names the file and line, or the setting."""


class RawPost(NamedTuple):
    """One post on its way to Kafka: its JSON as the source sent it, keyed by its id."""

    topic: str
    key: bytes | None
    """The post's id; None for a payload without one, which becomes a dead letter downstream."""
    value: bytes


class Source(Protocol):
    """Anything that yields raw posts."""

    kind: str
    live: bool
    """Whether it yields posts until it is stopped."""

    def posts(self) -> Iterator[RawPost]:
        """The posts, each with the topic it belongs to.

        Raises:
            SourceError: before the first post where the source can't be read.
        """
        ...

    def fingerprint(self) -> str:
        """Identifies the input: two sources with the same fingerprint yield the same posts."""
        ...

    def parameters(self) -> dict[str, Any]:
        """The parameters it was created with, for the record; no credentials."""
        ...
