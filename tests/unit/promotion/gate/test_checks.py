"""The verdict over checks."""

from __future__ import annotations

from include.promotion.gate.checks import Check, Verdict, overall


def test_the_worst_outcome_is_the_verdict() -> None:
    def of(*outcomes: Verdict) -> Verdict:
        return overall(Check("c", outcome, None, None, "") for outcome in outcomes)

    assert of(Verdict.PASS, Verdict.PASS) is Verdict.PASS
    assert of(Verdict.PASS, Verdict.INCONCLUSIVE) is Verdict.INCONCLUSIVE
    assert of(Verdict.INCONCLUSIVE, Verdict.FAIL, Verdict.PASS) is Verdict.FAIL
