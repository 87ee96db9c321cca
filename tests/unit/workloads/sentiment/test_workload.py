"""What the workload declares."""

from __future__ import annotations

import pyarrow as pa
import pytest

from include.settings import Settings
from include.streaming.registry import workload_named
from include.streaming.scorer_choices import HttpJson
from include.streaming.scorers.plan import current_plan
from include.workloads.sentiment.base.settings import LEAST_COMPOUND, LEAST_NEG
from include.workloads.sentiment.results import OPEN_CASES
from include.workloads.sentiment.workload import WORKLOAD, request, response


def test_four_fifths_go_to_version_a_by_the_messages_key() -> None:
    assert workload_named("sentiment") is WORKLOAD
    assert WORKLOAD.route is not None
    assert (WORKLOAD.route.key, dict(WORKLOAD.route.shares)) == (None, {"version_a": 0.8, "version_b": 0.2})


def test_a_scorer_outside_the_route_gets_everything_when_it_is_asked_for() -> None:
    plan = current_plan(WORKLOAD, Settings(_env_file=None), "in_process_b")
    assert dict(plan.shares) == {"in_process_b": 1.0}
    assert plan.values["in_process_b"]["options"] == {"version": "b", "max_text": 10_000}


def test_requests_are_batches_and_answers_columns() -> None:
    assert request(pa.record_batch({"text": ["a", "b"]})) == {"data": ["a", "b"]}
    scores = {"compound": 0.5, "neg": 0.0, "neu": 1.0, "pos": 0.0}
    assert response({"version": "x", "data": [scores]}) == {name: [value] for name, value in scores.items()}
    declared = WORKLOAD.scorers["version_a"]
    assert isinstance(declared, HttpJson)
    assert declared.url(Settings(_env_file=None)) == "http://127.0.0.1:8541/predict/batch"


@pytest.mark.parametrize(("name", "least"), [("abs(compound)", LEAST_COMPOUND), ("neg", LEAST_NEG)])
def test_what_is_queued_is_the_least_that_the_thresholds_can_be_set_to(name: str, least: float) -> None:
    assert f"{name} >= {least:g}" in OPEN_CASES
