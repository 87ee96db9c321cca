"""What the steps of a rollout verify, without a server."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from include.promotion.approved import ApprovedPromotion
from include.promotion.errors import VerificationFailed
from include.promotion.rollout.record import RolloutRecord, Step, as_probes
from include.promotion.rollout.steps import Steps
from include.serving.client import ServingClient
from include.serving.prediction import Prediction
from include.settings import Settings

TEXTS = ["a", "b"]


class Server(ServingClient):
    """Every version answers 0.5."""

    base_url = "http://models"

    def __init__(self) -> None: ...

    def predict(self, texts: Any, version: int | None = None) -> Prediction:
        return Prediction(np.full(len(texts), 0.5), version or 1)


@pytest.fixture(autouse=True)
def _milliseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Version 2 takes 30 ms where version 1 takes 4: a ratio that nobody notices by default."""
    taken = {1: 4.0, 2: 30.0}
    monkeypatch.setattr("include.promotion.rollout.latency.request_ms", lambda _, __, version: taken[version])


def finish_loading(**settings: Any) -> Step:
    approved = ApprovedPromotion("promote", 2, 1, None, "ann", "").to_json()
    probes = as_probes(TEXTS, np.full(2, 0.5), None)
    record = RolloutRecord(1, "run", approved, 1, 2, Step.LOADING, 60, 0, True, probes, {}, None)
    steps = Steps(Settings(**settings), None, Server(), None)  # type: ignore[arg-type]
    done = steps.finish(record)
    assert isinstance(done, Step)
    assert record.evidence["proof"]["pace"] == {"p95_ms_old": 4.0, "p95_ms_new": 30.0}
    return done


def test_a_loaded_version_that_answers_rightly_goes_on() -> None:
    assert finish_loading(canary_seconds=10) is Step.CANARY
    assert finish_loading(canary_seconds=0) is Step.SERVING


def test_limits_of_the_settings_decide_whether_it_is_slow() -> None:
    with pytest.raises(VerificationFailed, match="version 2 is slow: 95 % of its answers take up to 30 ms"):
        finish_loading(gate_limits={"latency_unnoticed_ms": 5})
    assert finish_loading(gate_limits={"latency_unnoticed_ms": 5, "max_latency_ratio": 8})
