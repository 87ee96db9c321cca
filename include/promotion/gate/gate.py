"""The gate: whether a candidate may go into production, by what was found when it was scored.

Its rules and their reasons are in docs/decisions/0008-the-gate-has-three-outcomes.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from include.promotion.gate.champion_checks import against, comparable
from include.promotion.gate.checks import Check, Verdict, overall
from include.promotion.gate.quality_checks import enough_golden, figures, reaches_floors
from include.promotion.gate.serving_checks import p95, sound
from include.promotion.limits import GateLimits
from include.promotion.scoring.record import Scoring

_ORDER = (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS)


@dataclass(frozen=True)
class Decision:
    """The checks that were made, and the figures behind them."""

    judged_by: str
    checks: list[Check]
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        return overall(self.checks)

    @property
    def reasons(self) -> list[str]:
        """Sentences on what made the verdict; what speaks against the candidate comes first."""
        ordered = sorted(self.checks, key=lambda check: _ORDER.index(check.outcome))
        kept = (
            ordered if self.verdict is Verdict.PASS else [c for c in ordered if c.outcome is not Verdict.PASS]
        )
        return [check.text for check in kept]

    def evidence(self) -> dict[str, Any]:
        """All of it for JSON."""
        return {
            "verdict": str(self.verdict),
            "judged_by": self.judged_by,
            "reasons": self.reasons,
            "checks": [check.as_json() for check in self.checks],
            "figures": self.figures,
        }


def judge(scoring: Scoring, limits: GateLimits) -> Decision:
    """Apply every rule; the same scoring and limits give the same decision."""
    found: dict[str, Any] = _measured(scoring)
    checks = [*sound(scoring, limits), enough_golden(scoring, limits), comparable(scoring)]
    if scoring.labels and not scoring.candidate.load_error:
        found["candidate"] = figures(scoring, scoring.candidate)
        checks += reaches_floors(scoring, found["candidate"], limits)
        if scoring.champion:
            found["champion"] = figures(scoring, scoring.champion)
            checks += against(scoring, found, limits)
    return Decision(scoring.judged_by, checks, found)


def _measured(scoring: Scoring) -> dict[str, Any]:
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
