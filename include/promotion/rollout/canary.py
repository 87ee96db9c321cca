"""The canary: for a set time a share of the posts is answered by the new version, and both are compared.

Who classifies posts splits them by the hash of their id while the window is open, see
``include.serving.canary_window``. Beside that, the comparison asks both versions for the same recent
posts again and again: so it needs no stream to judge by, and compares like with like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from include.infra.postgres.connection import connect
from include.promotion.rollout.latency import confirmed, milliseconds, p95, too_slow
from include.promotion.rollout.record import Record, Records
from include.promotion.verification import NotProven
from include.serving.client import ServingClient, ServingError, ServingUnavailable
from include.settings import Settings

SAMPLE = 256
"""Of the latest classified posts, those that both versions are asked for in a round."""
TIMED = 8
"""Requests for one post each, by which a round measures how long an answer takes."""
PROBED = 20
"""Requests by which a slow version is asked once more before it is turned away."""
BINS = 10
MAX_PSI = 0.25
"""Of the scores. Above it a population counts as changed: Siddiqi, Credit Risk Scorecards (2006)."""
TIMES_EXPECTED = 2.0
"""A model that was approved although it answers otherwise, as one of other posts does, answers otherwise in
production too: so many times the index of the rows it was judged on is allowed."""
MAX_FAILURE_RATE = 0.01
"""How much more often than the old version's a request to the new one may fail."""
FAILURES_TO_STOP = 3
"""By these many the window ends at once."""


@dataclass(frozen=True)
class Canary:
    """One window: what is found is kept in the record, so that anybody can go on with it."""

    settings: Settings
    client: ServingClient
    record: Record
    records: Records

    def wait(self) -> str:
        """Compare once more; returns what there is to wait for, nothing when the window is over.

        Raises:
            NotProven: the new version fails where the old one answers.
        """
        found = self._found()
        texts = latest_texts(self.settings) or self.record.texts
        for side in ("old", "new"):
            _ask(self.client, texts, found[side])
        self.records.note(self.record.id, self.record.evidence)
        new, figures = found["new"], compare(found["old"], found["new"])
        if new["failures"] >= FAILURES_TO_STOP and (reason := _fails(figures)):
            raise NotProven(f"version {new['version']} failed its canary: {reason} ({new['failure']})")
        left = self.settings.canary_seconds - self.record.seconds_in_step
        return f"the canary has {left:.0f} s to go" if left > 0 else ""

    def judge(self) -> None:
        """Compare what was found in the whole window.

        Raises:
            NotProven: says in what the new version is worse.
        """
        found = self._found()
        found["traffic"] = classified_by(self.settings, self.record)
        found["figures"] = figures = compare(found["old"], found["new"])
        figures["psi_allowed"] = allowed_psi(self.record)
        reasons = [_fails(figures), _moved(figures)]
        if not any(reasons):
            sides, texts = (found["old"], found["new"]), self.record.texts[:PROBED]
            versions, taken = [side["version"] for side in sides], [side["ms"] for side in sides]
            old, new = confirmed(self.client, versions, texts, *taken)
            figures |= {"p95_ms_old": p95(old), "p95_ms_new": p95(new)}
            reasons = [too_slow(old, new)]
        if any(reasons):
            said = "; ".join(filter(None, reasons))
            raise NotProven(f"version {self.record.to_version} failed its canary: {said}")

    def _found(self) -> dict[str, Any]:
        sides = {"old": self.record.from_version, "new": self.record.to_version}
        empty = {side: _nothing(version) for side, version in sides.items()}
        return self.record.evidence.setdefault("canary", {"share": self.settings.canary_share, **empty})


def _nothing(version: int | None) -> dict[str, Any]:
    return {"version": version, "requests": 0, "failures": 0, "ms": [], "bins": [0] * BINS}


def compare(old: dict[str, Any], new: dict[str, Any]) -> dict[str, float]:
    """The figures that decide, of what was found of either version."""
    return {
        "failure_rate_old": old["failures"] / max(1, old["requests"]),
        "failure_rate_new": new["failures"] / max(1, new["requests"]),
        "p95_ms_old": p95(old["ms"]),
        "p95_ms_new": p95(new["ms"]),
        "psi": psi(old["bins"], new["bins"]),
    }


def psi(old: Sequence[int], new: Sequence[int]) -> float:
    """Population stability index of two histograms; half a post is added to every bin.

    >>> psi([50, 50], [50, 50])
    0.0
    >>> round(psi([90, 10], [50, 50]), 1)
    0.9
    """
    before, after = (np.asarray(counts, float) + 0.5 for counts in (old, new))
    before, after = before / before.sum(), after / after.sum()
    return float(((after - before) * np.log(after / before)).sum())


def allowed_psi(record: Record) -> float:
    """How far the scores of production's posts may move, by how far those of the judged rows did."""
    if record.judged is None:
        return MAX_PSI
    old, new = record.judged
    return max(MAX_PSI, TIMES_EXPECTED * psi(_bins(old), _bins(new)))


def latest_texts(settings: Settings) -> list[str]:
    """The latest classified posts; none where there are too few to compare by."""
    query = "SELECT text FROM ai_tweets ORDER BY arrived_at DESC, id LIMIT %s"
    with connect(settings) as connection:
        found = [row[0] for row in connection.execute(query, [SAMPLE])]
    return found if len(found) == SAMPLE else []


def classified_by(settings: Settings, record: Record) -> dict[str, int]:
    """How many of the stream's posts since the window opened each version answered."""
    query = """
        SELECT model_version, count(*) FROM ai_tweets
        WHERE arrived_at > clock_timestamp() - %s * interval '1 second' GROUP BY 1
    """
    with connect(settings) as connection:
        return {str(version): count for version, count in connection.execute(query, [record.seconds_in_step])}


def _ask(client: ServingClient, texts: Sequence[str], found: dict[str, Any]) -> None:
    """One request for all texts and some for one each; adds to what was found of a version."""
    found["requests"] += 1 + TIMED
    try:
        answer = client.predict(texts, version=found["version"])
        counts = _bins(answer.probabilities)
        found["bins"] = [sum(pair) for pair in zip(found["bins"], counts, strict=True)]
        found["ms"] += milliseconds(client, found["version"], texts[:TIMED])
    except (ServingError, ServingUnavailable) as error:
        found["failures"] += 1
        found["failure"] = str(error)


def _bins(probabilities: np.ndarray) -> list[int]:
    counts, _ = np.histogram(probabilities, BINS, (0.0, 1.0))
    return [int(count) for count in counts]


def _fails(figures: dict[str, float]) -> str:
    if figures["failure_rate_new"] <= figures["failure_rate_old"] + MAX_FAILURE_RATE:
        return ""
    return f"{figures['failure_rate_new']:.1%} of its requests fail"


def _moved(figures: dict[str, float]) -> str:
    if figures["psi"] <= figures["psi_allowed"]:
        return ""
    return (
        f"its scores of the same posts are distributed otherwise (population stability index "
        f"{figures['psi']:.2f}, allowed: {figures['psi_allowed']:.2f})"
    )
