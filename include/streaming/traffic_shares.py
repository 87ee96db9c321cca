"""Traffic shares: which of several scorers a message belongs to, by the hash of its key.

The hash is CRC-32, which Postgres (``crc32(bytea)``) and Spark (``crc32``) have as well, so that anyone
can tell from a stored row where it went. It is the same on every machine and in every run: a message that
is processed again goes where it went before, and a share that grows keeps its messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from include.errors import UserError

_ALL = 2**32


class BadShares(UserError):
    """Shares that are none: negative, or not 1 in all."""


def share_of(key: str, shares: Sequence[float]) -> int:
    """The index of the share that a key belongs to; see :func:`shares_of`.

    >>> share_of("1246764021", (0.2, 0.8)), share_of("anything", (1.0,))
    (1, 0)
    """
    return int(shares_of([key.encode()], shares)[0])


def shares_of(keys: Sequence[bytes | None], shares: Sequence[float]) -> np.ndarray:
    """The index of the share that each key belongs to: int64 [n]. No key counts as an empty one.

    ``shares`` are parts of 1, in order: share ``i`` takes the hashes in ``[sum(shares[:i]),
    sum(shares[:i + 1]))`` of the whole range, so a canary comes first and grows from there.

    >>> shares_of([b"1", b"2", b"3", b"4", b"5"], (0.5, 0.5)).tolist()
    [1, 0, 0, 1, 1]

    Raises:
        BadShares: a share is negative, or they don't add up to 1.
    """
    check_shares(shares)
    if len(shares) == 1:
        return np.zeros(len(keys), np.int64)
    hashes = [crc32(key or b"") for key in keys]
    borders = np.round(np.cumsum(shares[:-1]) * _ALL)
    return np.searchsorted(borders, np.array(hashes, np.float64), side="right")


def check_shares(shares: Sequence[float]) -> None:
    """Raises BadShares where they are not parts of 1."""
    if not shares or min(shares) < 0 or abs(sum(shares) - 1) > 1e-9:
        raise BadShares(
            f"traffic shares {tuple(shares)} are not parts of 1: give numbers >= 0 that add up to 1"
        )
