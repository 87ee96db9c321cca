"""The canary: for a set time a share of the posts is answered by the new version, and both are compared.

While the window is open, the stream splits the posts by the hash of their id, see
``include.serving.canary_window``. The comparison doesn't rest on those posts: it asks both versions again and
again for the same recent ones, so it works without a stream and compares like with like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from include.promotion.errors import VerificationFailed
from include.promotion.limits import PromotionLimits
from include.promotion.rollout.latency import LatencyComparison, milliseconds
from include.promotion.rollout.record import RolloutRecord, RolloutRecords
from include.promotion.rollout.score_drift import BINS, allowed_psi, histogram, psi
from include.promotion.subjects.registry import subject_of
from include.serving.client import ServingClient
from include.serving.errors import ServingError, ServingUnavailable
from include.settings import Settings

TIMED = 8
"""Requests for one post each, by which a round measures how long an answer takes."""
CONFIRMING = 20
"""Requests by which a version that looks slow is measured a second time."""
MAX_FAILURE_RATE = 0.01
"""By how much the new version's share of failed requests may exceed the old version's."""
FAILURES_TO_STOP = 3
"""After this many failures the window ends at once."""


@dataclass(frozen=True)
class Canary:
    """One window. What is found is kept in the record, so that any process can go on with it."""

    settings: Settings
    client: ServingClient
    record: RolloutRecord
    records: RolloutRecords

    def wait(self) -> str:
        """Compare once more; returns what is still awaited, empty when the window is over.

        Raises:
            VerificationFailed: the new version fails where the old one answers.
        """
        found = self._found()
        texts = subject_of(self.settings).latest(self.settings) or self.record.texts
        for side in ("old", "new"):
            _ask(self.client, texts, found[side])
        self.records.note(self.record.id, self.record.evidence)
        new, figures = found["new"], compare(found["old"], found["new"])
        if new["failures"] >= FAILURES_TO_STOP and (reason := _fails(figures)):
            raise VerificationFailed(
                f"version {new['version']} failed its canary: {reason} ({new['failure']})"
            )
        left = self.settings.canary_seconds - self.record.seconds_in_step
        return f"the canary has {left:.0f} s to go" if left > 0 else ""

    def judge(self) -> None:
        """Compare what was found in the whole window.

        Raises:
            VerificationFailed: says in what the new version is worse.
        """
        found = self._found()
        traffic = subject_of(self.settings).traffic
        found["traffic"] = traffic(self.settings, self.record.seconds_in_step)
        found["figures"] = figures = compare(found["old"], found["new"])
        figures["psi_allowed"] = allowed_psi(self.record.judged)
        reasons = [_fails(figures), _drifted(figures)]
        if not any(reasons):
            limits = PromotionLimits.of(self.settings)
            latency = self._latency(found, limits)
            figures |= latency.figures()
            reasons = [latency.too_slow(limits)]
        if any(reasons):
            worse = "; ".join(filter(None, reasons))
            raise VerificationFailed(f"version {self.record.to_version} failed its canary: {worse}")

    def _latency(self, found: dict[str, Any], limits: PromotionLimits) -> LatencyComparison:
        old, new = found["old"], found["new"]
        measured = LatencyComparison(old["ms"], new["ms"])
        texts = self.record.texts[:CONFIRMING]
        return measured.confirmed(self.client, (old["version"], new["version"]), texts, limits)

    def _found(self) -> dict[str, Any]:
        sides = {"old": self.record.from_version, "new": self.record.to_version}
        empty = {side: _nothing(version) for side, version in sides.items()}
        return self.record.evidence.setdefault("canary", {"share": self.settings.canary_share, **empty})


def _nothing(version: int | None) -> dict[str, Any]:
    return {"version": version, "requests": 0, "failures": 0, "ms": [], "bins": [0] * BINS}


def compare(old: dict[str, Any], new: dict[str, Any]) -> dict[str, float]:
    """The figures that decide, from what was found of either version."""
    return {
        "failure_rate_old": old["failures"] / max(1, old["requests"]),
        "failure_rate_new": new["failures"] / max(1, new["requests"]),
        **LatencyComparison(old["ms"], new["ms"]).figures(),
        "psi": psi(old["bins"], new["bins"]),
    }


def _ask(client: ServingClient, texts: Sequence[str], found: dict[str, Any]) -> None:
    """One request for all texts and some for one each; adds to what was found of a version."""
    found["requests"] += 1 + TIMED
    try:
        answer = client.predict(texts, version=found["version"])
        counts = histogram(answer.probabilities)
        found["bins"] = [sum(pair) for pair in zip(found["bins"], counts, strict=True)]
        found["ms"] += milliseconds(client, found["version"], texts[:TIMED])
    except (ServingError, ServingUnavailable) as error:
        found["failures"] += 1
        found["failure"] = str(error)


def _fails(figures: dict[str, float]) -> str:
    if figures["failure_rate_new"] <= figures["failure_rate_old"] + MAX_FAILURE_RATE:
        return ""
    return f"{figures['failure_rate_new']:.1%} of its requests fail"


def _drifted(figures: dict[str, float]) -> str:
    if figures["psi"] <= figures["psi_allowed"]:
        return ""
    return (
        f"its scores of the same posts are distributed differently (population stability index "
        f"{figures['psi']:.2f}, allowed: {figures['psi_allowed']:.2f})"
    )
