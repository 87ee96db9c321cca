"""The client against a real server: what it takes for an answer, and which version is in service."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from include.infra.processes.ports import free_ports
from include.serving.client import ServingClient
from include.serving.errors import ServingError, ServingUnavailable
from include.serving.in_service import version_in_service
from include.settings import Settings

pytestmark = pytest.mark.stack


@pytest.fixture
def client(http: httpx.Client) -> Iterator[ServingClient]:
    with ServingClient(str(http.base_url), "clf") as client:
        yield client


def test_predicts(client: ServingClient) -> None:
    prediction = client.predict(["about AI", "about tea", "\ud800 \x00 🙂"], version=4)
    assert prediction.probabilities.round(6).tolist() == [0.9, 0.1, 0.1]
    assert prediction.model_version == 4


def test_by_label(http: httpx.Client) -> None:
    with ServingClient(str(http.base_url), "clf", label="stable") as client:
        assert client.predict(["ai"]).model_version == 4


@pytest.mark.parametrize(("version", "text"), [(5, "not a finite number"), (6, "outside")])
def test_refuses_what_is_no_probability(client: ServingClient, version: int, text: str) -> None:
    with pytest.raises(ServingError, match=text):
        client.predict(["ai"], version=version)


def test_refuses_other_outputs(http: httpx.Client) -> None:
    with (
        ServingClient(str(http.base_url), "texts") as client,
        pytest.raises(ServingError, match="ai_prob"),
    ):
        client.predict(["ai"])


def test_says_what_the_server_said(client: ServingClient) -> None:
    with pytest.raises(ServingError, match=r"Specific\(clf, 9\)") as caught:
        client.predict(["ai"], version=9)
    assert caught.value.status == 404


def test_status(client: ServingClient) -> None:
    assert [one.available for one in client.status(4)] == [True]
    assert client.is_ready()
    client.wait_available(4, timeout=1)
    with pytest.raises(ServingError, match="unknown to the server"):
        client.wait_available(9, timeout=0.2)


def test_no_server() -> None:
    (port,) = free_ports(1)
    with ServingClient(f"http://127.0.0.1:{port}", "clf", attempts=2) as client:
        assert not client.is_ready()
        with pytest.raises(ServingUnavailable, match=f"127.0.0.1:{port}"):
            client.predict(["ai"])


def test_the_version_in_service_is_the_one_that_answers_for_the_label(http: httpx.Client) -> None:
    """On a cluster a worker asks the model server alone, not the cluster's API."""
    settings = Settings(promotion_target="kubernetes", serving_url=str(http.base_url))
    assert version_in_service(settings, "clf") == 4
    assert version_in_service(settings, "sums") is None, "no version has the label"
    assert version_in_service(settings, "nobody") is None
