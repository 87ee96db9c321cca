"""What the client takes for a prediction, and when it asks again; over httpx's own test transport."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from include.serving.client import ServingClient
from include.serving.errors import ServingError, ServingUnavailable


def client_of(monkeypatch: pytest.MonkeyPatch, *answers: Any) -> tuple[ServingClient, list[httpx.Request]]:
    """A client that gets these answers in turn: a status, a JSON body, or an exception."""
    asked: list[httpx.Request] = []
    waiting = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        given = next(waiting)
        if isinstance(given, Exception):
            raise given
        if isinstance(given, int):
            return httpx.Response(given, json={"error": f"status {given}"})
        return httpx.Response(200, json=given)

    client = ServingClient("http://models", "clf")
    client._retrying.sleep = lambda _: None
    client._http = httpx.Client(base_url="http://models", transport=httpx.MockTransport(answer))
    return client, asked


def outputs(probabilities: Any, versions: Any) -> dict[str, Any]:
    return {"outputs": {"ai_prob": probabilities, "model_version": versions}}


def test_a_prediction(monkeypatch: pytest.MonkeyPatch) -> None:
    client, asked = client_of(monkeypatch, outputs([0.25, 1], [7, 7]))
    prediction = client.predict(["a", "b"], version=7)
    assert prediction.probabilities.tolist() == [0.25, 1.0]
    assert prediction.model_version == 7
    assert asked[0].url.path == "/v1/models/clf/versions/7:predict"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (outputs([0.5], [7, 7]), "probabilities for 2 texts"),
        (outputs([[0.5], [0.5]], [7, 7]), "probabilities for 2 texts"),
        (outputs([0.5, -0.1], [7, 7]), "outside"),
        (outputs([0.5, None], [7, 7]), "not a finite number|not numbers"),
        (outputs(["x", "y"], [7, 7]), "not numbers"),
        (outputs([0.5, 0.5], [7, 8]), "model versions"),
        (outputs([0.5, 0.5], [8, 8]), "version 7 was asked"),
        (outputs([0.5, 0.5], 7), "model versions"),
        ({"outputs": [0.5, 0.5]}, "without the outputs"),
        ([1], "not an object"),
    ],
)
def test_what_is_no_prediction(monkeypatch: pytest.MonkeyPatch, answer: Any, says: str) -> None:
    client, _ = client_of(monkeypatch, answer)
    with pytest.raises(ServingError, match=says):
        client.predict(["a", "b"], version=7)


def test_not_now_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    good = outputs([0.5], [7])
    client, asked = client_of(monkeypatch, 503, httpx.ConnectError("refused"), good)
    assert client.predict(["a"]).model_version == 7
    assert len(asked) == 3


def test_a_refusal_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    client, asked = client_of(monkeypatch, 400, outputs([0.5], [7]))
    with pytest.raises(ServingError, match="status 400") as caught:
        client.predict(["a"])
    assert caught.value.status == 400
    assert len(asked) == 1


def test_no_answer_names_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    client, _ = client_of(monkeypatch, *[httpx.ReadTimeout("slow")] * 3)
    with pytest.raises(ServingUnavailable, match=r"http://models.*ReadTimeout"):
        client.predict(["a"])


def test_no_texts() -> None:
    with pytest.raises(ValueError, match="at least one"):
        ServingClient("http://models", "clf").predict([])
