"""A check with one of three outcomes, and the verdict over all checks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """PASS and FAIL were shown; INCONCLUSIVE means that the data don't suffice to show either."""

    PASS = "PASS"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"


@dataclass(frozen=True)
class Check:
    """One rule applied: ``name``, ``value`` and ``limit`` for programs, ``text`` for people.

    Attributes:
        needed: for INCONCLUSIVE, about how many golden rows would suffice; None where more rows don't help.
    """

    name: str
    outcome: Verdict
    value: float | None
    limit: float | None
    text: str
    needed: int | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "outcome": str(self.outcome),
            "value": self.value,
            "limit": self.limit,
            "text": self.text,
            "needed": self.needed,
        }


def at_least(name: str, value: float, limit: float, text: str) -> Check:
    """FAIL below the limit.

    >>> at_least("recall", 0.4, 0.5, "recall").outcome.value
    'FAIL'
    """
    return Check(name, Verdict.PASS if value >= limit else Verdict.FAIL, value, limit, text)


def at_most(name: str, value: float, limit: float, text: str) -> Check:
    """FAIL above the limit, or where the value is not a number."""
    return Check(name, Verdict.PASS if value <= limit else Verdict.FAIL, value, limit, text)


def overall(checks: Iterable[Check]) -> Verdict:
    """FAIL where any check fails, else INCONCLUSIVE where any is inconclusive, else PASS."""
    outcomes = {check.outcome for check in checks}
    for outcome in (Verdict.FAIL, Verdict.INCONCLUSIVE):
        if outcome in outcomes:
            return outcome
    return Verdict.PASS
