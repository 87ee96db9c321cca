"""How fast the replay server sends, and the ways of X in which it fails."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

MALFORMED = (
    b'{"data": {"id": "1", "text": "cut',
    b"not json at all",
    b'{"data": {"id": "2"}, "matching_rules": []}',
    b'{"data": [1, 2, 3]}',
    b'["a list"]',
    b'{"data": {"id": "3", "text": "\xff\xfe"}}',
    b"null",
)


@dataclass(frozen=True)
class Behaviour:
    """The rate of the stream, and its faults."""

    rate: float = 20.0
    """Posts per second; 0: as fast as the client reads."""
    loops: int = 0
    """How often the posts are repeated; 0: without end."""
    malformed: float = 0.0
    """Share of lines that are preceded by a broken one."""
    untagged: float = 0.0
    """Share of posts whose matching rules have no tag."""
    disconnect_every: int = 0
    """Number of posts after which the connection is closed, announced as X does; 0: never."""
    fail_connects: int = 0
    """How many connects are first answered with ``fail_status``."""
    fail_status: int = 503
    keep_alive: float = 5.0
    """Seconds without a post after which an empty line is sent (X: 20)."""


def disconnect(detail: str) -> bytes:
    """X's announcement that it closes the connection."""
    error = {
        "title": "operational-disconnect",
        "disconnect_type": "UpstreamOperationalDisconnect",
        "detail": detail,
        "type": "https://api.twitter.com/2/problems/operational-disconnect",
    }
    return orjson.dumps({"errors": [error]})


DISCONNECT = disconnect("This stream has been disconnected for operational reasons.")
