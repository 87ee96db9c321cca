"""Waiting an outage out: growing pauses with jitter, so that many waiters don't return at once."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator

log = logging.getLogger(__name__)

SAY_EVERY = 15.0
"""Seconds between two log lines about the same wait."""


def pauses(first: float = 0.2, longest: float = 10.0) -> Iterator[float]:
    """Seconds to pause, without end: doubling up to ``longest``, each between half and the whole.

    Source: "equal jitter" of https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/

    >>> all(5 <= pause <= 10 for pause in [next(pauses(10, 10)) for _ in range(100)])
    True
    """
    pause = first
    while True:
        yield pause * random.uniform(0.5, 1.0)
        pause = min(longest, pause * 2)


class Patience:
    """One wait for something outside, from its first failure to its return.

    Args:
        what: what is waited for, as the log names it.
        sleep: pauses; a test, or a stop flag's ``wait``, may stand in.
    """

    def __init__(
        self, what: str, sleep: Callable[[float], object] = time.sleep, longest: float = 10.0
    ) -> None:
        self._what = what
        self._sleep = sleep
        self._pauses = pauses(longest=longest)
        self._said = float("-inf")

    def wait(self, why: object) -> None:
        """Pause, longer each time; the reason is logged at first and every SAY_EVERY seconds."""
        if time.monotonic() - self._said > SAY_EVERY:
            log.warning("waiting for %s: %s", self._what, str(why).strip())
            self._said = time.monotonic()
        self._sleep(next(self._pauses))
