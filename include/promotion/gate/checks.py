"""The three outcomes of the gate, and the checks that they are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """PASS and FAIL are shown; INCONCLUSIVE means that there is too little to tell by."""

    PASS = "PASS"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"


@dataclass(frozen=True)
class Check:
    """One rule applied: a machine's ``name``, ``value`` and ``limit``, a person's ``text``.

    needed: for INCONCLUSIVE, about how many golden rows would be enough to tell; None where rows are not
    what is missing.
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
    """FAIL above the limit, and where the value is not a number."""
    return Check(name, Verdict.PASS if value <= limit else Verdict.FAIL, value, limit, text)


def overall(checks: Iterable[Check]) -> Verdict:
    """FAIL where any check fails, else INCONCLUSIVE where any can't tell, else PASS."""
    outcomes = {check.outcome for check in checks}
    for outcome in (Verdict.FAIL, Verdict.INCONCLUSIVE):
        if outcome in outcomes:
            return outcome
    return Verdict.PASS
