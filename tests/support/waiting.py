"""Waiting for a condition in tests."""

from __future__ import annotations

import operator
from collections.abc import Callable

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed


def await_true(condition: Callable[[], object], seconds: float = 300, poll: float = 0.05) -> None:
    """Return as soon as the condition holds; fails the test where it doesn't within ``seconds``."""
    retrying = Retrying(
        retry=retry_if_result(operator.not_), stop=stop_after_delay(seconds), wait=wait_fixed(poll)
    )
    try:
        retrying(condition)
    except RetryError as error:
        raise AssertionError(f"the condition did not hold within {seconds:g} s") from error
