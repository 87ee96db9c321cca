"""Waiting for a condition, no longer than some seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

Answer = TypeVar("Answer")


def until(ask: Callable[[], Answer], seconds: float, every: float = 0.1) -> Answer:
    """Ask until the answer is true; the last answer where none is within ``seconds``.

    What ``ask`` raises ends the wait.

    Args:
        every: seconds between two questions.

    >>> answers = iter([None, 0, "ready", "more"])
    >>> until(lambda: next(answers), seconds=5, every=0)
    'ready'
    >>> until(lambda: False, seconds=0)
    False
    """
    asking = Retrying(
        retry=retry_if_result(lambda answer: not answer),
        stop=stop_after_delay(seconds),
        wait=wait_fixed(every),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    return asking(ask)
