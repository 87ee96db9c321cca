"""The gate: whether a candidate may go into production, judged by its scoring.

Its rules and their reasons are in docs/decisions/0008-the-gate-has-three-outcomes.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from include.promotion.gate.champion_checks import champion_checks, comparable
from include.promotion.gate.checks import Check, Verdict, overall
from include.promotion.gate.quality_checks import enough_golden, metrics_of, quality_checks
from include.promotion.gate.serving_checks import serving_checks
from include.promotion.latency import p95
from include.promotion.limits import PromotionLimits
from include.promotion.scoring.record import PromotionScoring

_ORDER = (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS)


@dataclass(frozen=True)
class GateDecision:
    """The checks that were made, and the figures that they rest on."""

    judged_by: str
    checks: list[Check]
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        return overall(self.checks)

    @property
    def reasons(self) -> list[str]:
        """Sentences on what decided the verdict, failures first."""
        ordered = sorted(self.checks, key=lambda check: _ORDER.index(check.outcome))
        kept = (
            ordered if self.verdict is Verdict.PASS else [c for c in ordered if c.outcome is not Verdict.PASS]
        )
        return [check.text for check in kept]

    def evidence(self) -> dict[str, Any]:
        """All of it, as JSON holds it."""
        return {
            "verdict": str(self.verdict),
            "judged_by": self.judged_by,
            "reasons": self.reasons,
            "checks": [check.as_json() for check in self.checks],
            "figures": self.figures,
        }


def evaluate_gate(scoring: PromotionScoring, limits: PromotionLimits) -> GateDecision:
    """Apply every rule; the same scoring and limits give the same decision."""
    found: dict[str, Any] = _measured(scoring)
    checks = [*serving_checks(scoring, limits), enough_golden(scoring, limits), comparable(scoring)]
    if scoring.labels and not scoring.candidate.load_error:
        found["candidate"] = metrics_of(scoring, scoring.candidate)
        checks += quality_checks(scoring, found["candidate"], limits)
        if scoring.champion:
            found["champion"] = metrics_of(scoring, scoring.champion)
            checks += champion_checks(scoring, found, limits)
    return GateDecision(scoring.judged_by, checks, found)


def _measured(scoring: PromotionScoring) -> dict[str, Any]:
    found: dict[str, Any] = {"rows": scoring.counts, "cross_fitted": scoring.candidate.cross_fitted}
    for role, model in (("candidate", scoring.candidate), ("champion", scoring.champion)):
        if model:
            found[f"{role}_serving"] = {
                "version": model.version,
                "megabytes": model.megabytes,
                "load_seconds": model.load_seconds,
                "latency_p95_ms": p95(model.latency_ms) if model.latency_ms else None,
                "requests": len(model.latency_ms),
            }
    found["behaviour"] = scoring.candidate.behaviour
    return found
