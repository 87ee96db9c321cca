"""What a task came to, where a person who opens its log reads it.

Airflow shows what is logged while a task works, and folds what it does itself before and after. What a task
*prints* is buffered and lands in the folded part, or shows as an error where it goes to standard error: so
nothing that a task runs prints; a test holds that.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping

log = logging.getLogger("tweetsieve.result")


def log_result(text: str) -> None:
    """Log what came out, in the open part of the task's log; a record for each line."""
    first, *more = text.splitlines() or [""]
    log.info("Result: %s", first)
    for line in more:
        log.info("%s", line)


def log_failure(text: str) -> None:
    """Log why a task fails, before the stack trace that Airflow adds; a record for each line."""
    for line in text.splitlines():
        log.error("%s", line)


def log_details(title: str, text: str) -> None:
    """Log what few will read, folded under its title."""
    log.info("::group::%s", title)
    for line in text.splitlines():
        log.info("%s", line)
    log.info("::endgroup::")


class Pace:
    """Lets a line through where its subject is another one, and else once in a while.

    For what is looked at every second: a log of sixty lines a minute hides the rest.

    >>> pace = Pace(seconds=15, clock=iter([0, 1, 16, 17]).__next__)
    >>> [pace.due("canary"), pace.due("canary"), pace.due("canary"), pace.due("serving")]
    [True, False, True, True]
    """

    def __init__(self, seconds: float = 15.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._last: tuple[object, float] | None = None

    def due(self, subject: object = None) -> bool:
        """Whether a line is due; it is then taken as said."""
        now = self._clock()
        if self._last and self._last[0] == subject and now - self._last[1] < self._seconds:
            return False
        self._last = (subject, now)
        return True


def counted(counts: Mapping[str, object]) -> str:
    """Counts in a sentence.

    >>> counted({"rows": 2513, "rows_by_topic": {"ai": 1500, "mix": 1013}})
    'rows 2,513, rows by topic (ai 1,500, mix 1,013)'
    """
    return ", ".join(f"{name.replace('_', ' ')} {_value(value)}" for name, value in counts.items())


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return f"({counted(value)})"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
