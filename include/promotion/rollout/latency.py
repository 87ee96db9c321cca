"""Whether a version answers as fast as the one it shall replace, asked in turn on the same server."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from include.serving.client import ServingClient

MAX_SLOWDOWN = 3.0
"""Times the other version's 95th percentile."""
SLOW_MS = 50.0
"""Faster than this is never too slow: a percentile of a few milliseconds trebles by chance."""


def milliseconds(client: ServingClient, version: int, texts: Sequence[str]) -> list[float]:
    """How long an answer takes, for one text at a time.

    Raises:
        ServingError, ServingUnavailable: there was none.
    """
    taken = []
    for text in texts:
        began = time.perf_counter()
        client.predict([text], version=version)
        taken.append(round(1000 * (time.perf_counter() - began), 3))
    return taken


def in_turn(client: ServingClient, versions: Sequence[int], texts: Sequence[str]) -> list[list[float]]:
    """The same of several versions, text by text, so that what disturbs the machine disturbs all of them.

    Raises:
        ServingError, ServingUnavailable: there was no answer.
    """
    taken: list[list[float]] = [[] for _ in versions]
    for text in texts:
        for version, found in zip(versions, taken, strict=True):
            found += milliseconds(client, version, [text])
    return taken


def confirmed(
    client: ServingClient,
    versions: Sequence[int],
    texts: Sequence[str],
    old: Sequence[float],
    new: Sequence[float],
) -> list[Sequence[float]]:
    """What counts: the milliseconds found, or new ones where these speak against the new version.

    The machine may have been busy just then; a version that really is slow is slow again.

    Raises:
        ServingError, ServingUnavailable: there was no answer.
    """
    return [*in_turn(client, versions, texts)] if too_slow(old, new) else [old, new]


def p95(taken: Sequence[float]) -> float:
    """The 95th percentile; 0 of nothing."""
    return float(np.percentile(taken, 95)) if len(taken) else 0.0


def too_slow(old: Sequence[float], new: Sequence[float]) -> str:
    """What speaks against the new version, of milliseconds; empty where nothing does.

    >>> too_slow([4, 4, 4], [90, 90, 90])
    '95 % of its answers take up to 90 ms, those of the old version 4 ms'
    >>> too_slow([4, 4, 4], [20, 20, 20])
    ''
    """
    if p95(new) <= max(SLOW_MS, MAX_SLOWDOWN * p95(old)):
        return ""
    return f"95 % of its answers take up to {p95(new):.0f} ms, those of the old version {p95(old):.0f} ms"
