"""Whether a candidate may go into production: floors, and the champion on the same golden rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from include.model.metrics import evaluate, f1_difference

MIN_F1 = 0.5
"""Below this a model is worse than useful whatever the champion does."""
MIN_PREDICTED_SHARE = 0.002
"""Of either class; less is a model that says the same of everything."""
MARGIN = 0.01
"""How much worse than the champion's a candidate's F1 may be."""
MIN_GOLDEN = 50
MIN_GOLDEN_PER_CLASS = 10
"""With fewer golden labels the weak ones judge, and the verdict says so."""
MIN_BEHAVIOUR = 0.7
"""Of the behavioural tests of each kind, the share that must pass."""


class Verdict(StrEnum):
    """PASS and FAIL are proven; INCONCLUSIVE means that there are too few labels to tell."""

    PASS = "PASS"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"


@dataclass(frozen=True)
class Scored:
    """A model's answers on the judging rows, with the threshold it was trained to (float[n] where each
    answer has its own, as cross-fitted ones do)."""

    version: int
    probabilities: np.ndarray
    threshold: float | np.ndarray

    @property
    def predicted(self) -> np.ndarray:
        return self.probabilities >= self.threshold


@dataclass
class Decision:
    """The verdict with its reasons and the figures behind it."""

    verdict: Verdict
    reasons: list[str]
    judged_by: str
    figures: dict[str, Any] = field(default_factory=dict)

    def evidence(self) -> dict[str, Any]:
        return {**asdict(self), "verdict": str(self.verdict)}


def decide(
    judged_by: str,
    labels: np.ndarray,
    candidate: Scored,
    champion: Scored | None = None,
    in_service: int | None = None,
    behaviour: Mapping[str, Any] | None = None,
) -> Decision:
    """Judge a candidate on labelled rows.

    Args:
        judged_by: 'golden' or 'weak'. Weak labels judge by floors alone: they come from the candidate's
            own dataset version, which makes a comparison with another one's model unfair.
        labels: bool[n].
        champion: the answers of the version ``in_service`` on the same rows, where there are any.
        behaviour: what ``include.model.behaviour.run_cases`` found of the candidate.
    """
    found = evaluate(labels, np.nan_to_num(candidate.probabilities), candidate.threshold)
    decision = Decision(Verdict.PASS, [], judged_by, {"candidate": found})
    _floors(decision, labels, candidate, found)
    _behaves(decision, behaviour)
    if judged_by != "golden":
        needed = f"{MIN_GOLDEN}, {MIN_GOLDEN_PER_CLASS} of each class"
        decision.reasons.append(f"too few golden labels (needed: {needed}): judged by weak labels")
    if champion is not None:
        _compare(decision, labels, candidate, champion)
    else:
        rival = (
            "no model is in service"
            if in_service is None
            else f"version {in_service} in service was not compared"
        )
        decision.reasons.append(f"judged by floors alone: {rival}")
    return decision


def _floors(decision: Decision, labels: np.ndarray, candidate: Scored, found: dict[str, Any]) -> None:
    share = float(candidate.predicted.mean())
    if not np.isfinite(candidate.probabilities).all():
        _fail(decision, "some of its probabilities are not numbers")
    if not MIN_PREDICTED_SHARE <= share <= 1 - MIN_PREDICTED_SHARE:
        _fail(decision, f"it says the same of nearly every post ({share:.1%} are AI, of {len(labels)})")
    text = f"its F1 on {decision.judged_by} labels is {found['f1']:.3f} (n={found['n']})"
    if found["f1"] < MIN_F1:
        _fail(decision, f"{text}; the floor is {MIN_F1}")
    else:
        decision.reasons.append(f"{text}, above the floor of {MIN_F1}")


def _behaves(decision: Decision, behaviour: Mapping[str, Any] | None) -> None:
    if behaviour is None:
        decision.reasons.append("no behavioural test was run on it")
        return
    decision.figures["behaviour"] = dict(behaviour)
    low = {
        kind: f"{passed} of {cases} tests of {kind}"
        for kind, (passed, cases) in behaviour["by_kind"].items()
        if passed < MIN_BEHAVIOUR * cases
    }
    if not low:
        decision.reasons.append(f"it passes {behaviour['passed']} of {behaviour['cases']} behavioural tests")
        return
    failed = [
        f"{case['name']} ({' / '.join(case['texts'])})"
        for case in behaviour["failures"]
        if case["kind"] in low
    ]
    _fail(
        decision,
        f"it passes only {', '.join(low.values())}; the floor is {MIN_BEHAVIOUR:.0%} of each kind. "
        f"It fails: {'; '.join(failed)}",
    )


def _compare(decision: Decision, labels: np.ndarray, candidate: Scored, champion: Scored) -> None:
    point, (low, high) = f1_difference(labels, candidate.predicted, champion.predicted)
    decision.figures["champion"] = evaluate(labels, champion.probabilities, champion.threshold)
    decision.figures["f1_difference"] = {"point": point, "interval": [low, high], "margin": MARGIN}
    text = (
        f"its F1 differs by {point:+.3f} (95 %: {low:+.3f} to {high:+.3f}) from that of version "
        f"{champion.version} in service, on the same {len(labels)} golden rows"
    )
    if low > -MARGIN:
        decision.reasons.append(f"{text}: not worse")
    elif high < 0 or point < -MARGIN:
        _fail(decision, f"{text}: worse by more than the margin of {MARGIN}")
    else:
        decision.reasons.append(f"{text}: too few rows to tell")
        if decision.verdict is Verdict.PASS:
            decision.verdict = Verdict.INCONCLUSIVE


def _fail(decision: Decision, reason: str) -> None:
    decision.verdict = Verdict.FAIL
    decision.reasons.append(reason)
