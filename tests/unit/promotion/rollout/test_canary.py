"""What a canary concludes from what it found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from include.promotion.errors import VerificationFailed
from include.promotion.rollout.canary import TIMED, Canary
from include.promotion.rollout.record import RolloutRecord, RolloutRecords, Step, as_probes
from include.promotion.rollout.score_drift import BINS, MAX_PSI
from include.promotion.subjects.posts import POSTS
from include.serving.client import ServingClient
from include.serving.errors import ServingUnavailable
from include.serving.prediction import Prediction
from include.settings import Settings


class Server(ServingClient):
    """Version 1 answers 0.1 and 0.9 in turn; version 2 what it is told."""

    def __init__(self, probability: float | None = None, failing: int = 0) -> None:
        self.probability, self.failing = probability, failing

    def predict(self, texts: Sequence[str], version: int | None = None) -> Prediction:
        if version == 2 and self.failing:
            self.failing -= 1
            raise ServingUnavailable("gone")
        answers = np.where(np.arange(len(texts)) % 2, 0.9, 0.1)
        if version == 2 and self.probability is not None:
            answers = np.full(len(texts), self.probability)
        return Prediction(answers, version or 1)


class Notes(RolloutRecords):
    """Records that are written nowhere."""

    def __init__(self) -> None:
        self.notes = 0

    def note(self, number: int, evidence: object) -> None:
        self.notes += 1


@pytest.fixture(autouse=True)
def _no_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    subject = replace(POSTS, latest=lambda _: [], traffic=lambda *_: {"1": 80, "2": 20})
    monkeypatch.setattr("include.promotion.rollout.canary.subject_of", lambda _: subject)


def canary(server: Server, seconds: float = 0.0, **settings: Any) -> Canary:
    texts = [f"post {number}" for number in range(40)]
    probes = as_probes(texts, np.zeros(40), None)
    record = RolloutRecord(1, "run", {}, 1, 2, Step.CANARY, 60.0, seconds, True, probes, {}, None)
    return Canary(Settings(canary_seconds=10, **settings), server, record, Notes())


def test_both_versions_are_asked_for_the_same() -> None:
    window = canary(Server(), 4.0)
    assert window.wait() == "the canary has 6 s to go"
    found = window.record.evidence["canary"]
    assert found["old"]["bins"] == found["new"]["bins"]
    assert sum(found["new"]["bins"]) == 40
    assert (len(found["new"]["ms"]), found["new"]["requests"], len(found["new"]["bins"])) == (TIMED, 9, BINS)


def test_the_same_scores_pass_with_their_figures() -> None:
    window = canary(Server(), 10.5)
    assert window.wait() == ""
    window.judge()
    assert window.record.evidence["canary"]["figures"]["psi"] == 0
    assert window.record.evidence["canary"]["traffic"] == {"1": 80, "2": 20}


def test_other_scores_fail_at_the_end() -> None:
    window = canary(Server(probability=0.55), 10.5)
    assert window.wait() == ""
    with pytest.raises(VerificationFailed, match=r"scores of the same posts .*population stability index"):
        window.judge()


def test_answers_that_fail_end_the_window_before_its_time() -> None:
    window = canary(Server(failing=100))
    for _ in range(2):
        assert window.wait()
    with pytest.raises(
        VerificationFailed, match=r"version 2 failed its canary: .* of its requests fail \(gone\)"
    ):
        window.wait()


def test_one_failure_among_many_is_no_reason() -> None:
    window = canary(Server(failing=1), 10.5)
    for _ in range(20):
        window.wait()
    window.judge()


def test_scores_may_move_twice_as_far_as_those_of_the_judged_rows_did() -> None:
    window = canary(Server(probability=0.55), 10.5)
    judged_by(window, before=[0.1, 0.9] * 20, after=[0.55] * 40)
    assert window.wait() == ""
    window.judge()
    figures = window.record.evidence["canary"]["figures"]
    assert MAX_PSI < figures["psi"] < figures["psi_allowed"]


def test_the_usual_limit_holds_where_those_of_the_judged_rows_stayed() -> None:
    window = canary(Server(probability=0.55), 10.5)
    judged_by(window, before=[0.1, 0.9] * 20, after=[0.1, None, *[0.9, 0.1] * 19])
    assert window.wait() == ""
    with pytest.raises(VerificationFailed, match=r"allowed: 0.25"):
        window.judge()


def judged_by(window: Canary, *, before: list[float | None], after: list[float | None]) -> None:
    window.record.probes.update({"judged_from": before, "judged_to": after})


def test_limits_of_the_settings_decide_whether_the_new_version_is_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """30 ms beside 4: a ratio that nobody notices by default."""
    taken = {1: 4.0, 2: 30.0}
    monkeypatch.setattr("include.promotion.rollout.latency.request_ms", lambda _, __, version: taken[version])
    tolerant, strict = canary(Server(), 10.5), canary(Server(), 10.5, gate_limits={"latency_unnoticed_ms": 5})
    for window in (tolerant, strict):
        assert window.wait() == ""
    tolerant.judge()
    with pytest.raises(VerificationFailed, match="95 % of its answers take up to 30 ms"):
        strict.judge()
