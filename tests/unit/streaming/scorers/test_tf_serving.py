"""What is asked of a TF Serving server, and how its answers are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import httpx
import numpy as np
import pyarrow as pa
import pytest

from include.serving.errors import ServingError, ServingUnavailable
from include.settings import Settings
from include.streaming.registry import workload_named
from include.streaming.scorer_choices import Output, TfServing
from include.streaming.scorers.base import NotNow, Refused
from include.streaming.scorers.tf_serving import TfServingEndpoint
from tests.support.streaming.scorers import texts

DECLARED = cast(TfServing, workload_named("ai_tweets", Settings(_env_file=None)).scorers["tf_serving"])


class Server:
    """Gives one answer, or raises it."""

    def __init__(self, answer: Any, version: int | None = 7) -> None:
        self.answer, self.version = answer, version
        self.asked: list[tuple[Mapping[str, Any], int | None]] = []
        self.asked_version = 0

    def outputs(self, inputs: Mapping[str, Any], version: int | None = None) -> Any:
        self.asked.append((inputs, version))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def answering_version(self) -> int | None:
        self.asked_version += 1
        return self.version


def outputs(*probabilities: Any, versions: Any = None) -> dict[str, Any]:
    return {"ai_prob": list(probabilities), "model_version": versions or [7] * len(probabilities)}


def test_texts_go_out_by_the_signatures_name_and_outputs_become_columns() -> None:
    server = Server(outputs(0.25, 1))
    scores = TfServingEndpoint(server, DECLARED, version=7).ask(texts("a", "日本"))
    assert server.asked == [({"text": ["a", "日本"]}, 7)]
    assert scores.outputs["probability"].to_pylist() == [0.25, 1.0]
    assert scores.versions.to_pylist() == ["7", "7"]


@pytest.mark.parametrize(
    "answer",
    [
        outputs(float("nan")),
        outputs(1.5),
        outputs(-0.1),
        outputs(None),
        outputs("high"),
        outputs(0.1, 0.2),
        outputs([0.1]),
        {"model_version": [7]},
        {"ai_prob": [0.5]},
        outputs(0.5, versions=[7, 8]),
        [0.5],
        None,
        ServingError("not JSON", 200),
    ],
    ids=repr,
)
def test_what_is_no_probability_is_refused(answer: Any) -> None:
    with pytest.raises(Refused) as refusal:
        TfServingEndpoint(Server(answer), DECLARED).ask(texts("a"))
    assert refusal.value.reason == "model answered no probability"


def test_an_answer_of_another_version_than_asked_for_is_none() -> None:
    with pytest.raises(Refused):
        TfServingEndpoint(Server(outputs(0.5)), DECLARED, version=8).ask(texts("a"))


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_refusal_names_its_status(status: int) -> None:
    with pytest.raises(Refused) as refusal:
        TfServingEndpoint(Server(ServingError("bad", status)), DECLARED).ask(texts("a"))
    assert refusal.value.reason == f"model refused it ({status})"


def away(cause: Exception) -> ServingUnavailable:
    problem = ServingUnavailable("gone")
    problem.__cause__ = cause
    return problem


@pytest.mark.parametrize(
    ("problem", "timed_out"),
    [
        (ServingError("loading", 404), False),
        (ServingError("down", 500), False),
        (ServingError("busy", 429), False),
        (away(httpx.ConnectError("refused")), False),
        (away(httpx.ReadTimeout("slow")), True),
    ],
    ids=repr,
)
def test_trouble_with_the_server_blames_no_text(problem: Exception, timed_out: bool) -> None:
    with pytest.raises(NotNow) as trouble:
        TfServingEndpoint(Server(problem), DECLARED).ask(texts("a"))
    assert trouble.value.timed_out is timed_out


PLAIN = TfServing(
    lambda settings: "m", {"features": "x"}, (Output("p", type=pa.list_(pa.float32(), 2)),), {"x": [1.0] * 3}
)


def test_numbers_go_out_as_a_matrix_and_an_only_output_comes_without_its_name() -> None:
    server = Server([[0.25, 0.75]] * 2)
    inputs = pa.record_batch({"x": pa.array([[1.0, 2.0, 3.0]] * 2, pa.list_(pa.float32(), 3))})
    endpoint = TfServingEndpoint(server, PLAIN)
    scores = endpoint.ask(inputs)
    sent = server.asked[0][0]["features"]
    assert isinstance(sent, np.ndarray)
    assert sent.tolist() == [[1.0, 2.0, 3.0]] * 2
    assert scores.outputs["p"].to_pylist() == [[0.25, 0.75]] * 2
    assert scores.versions.to_pylist() == ["7", "7"]
    endpoint.ask(inputs)
    assert server.asked_version == 1, "which version it serves is asked once in a while, not each time"


def test_without_a_version_in_service_nothing_is_refused() -> None:
    with pytest.raises(NotNow):
        TfServingEndpoint(Server([[0.5, 0.5]], version=None), PLAIN).ask(
            pa.record_batch({"x": pa.array([[1.0, 2.0, 3.0]], pa.list_(pa.float32(), 3))})
        )


def test_the_version_is_known_where_it_was_asked_for() -> None:
    server = Server([0.5])
    declared = replace(PLAIN, inputs={"x": "x"}, outputs=(Output("p"),))
    scores = TfServingEndpoint(server, declared, version=9).ask(pa.record_batch({"x": [1.0]}))
    assert scores.versions.to_pylist() == ["9"]
    assert server.asked_version == 0
