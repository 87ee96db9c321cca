"""The service's paths, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from include.infra.allowed_hosts import AllowedHosts
from include.workloads.sentiment.base.settings import SentimentSettings
from include.workloads.sentiment.service.app import make_app
from tests.support.sentiment.golden import SIX

LIMITS = SentimentSettings(_env_file=None, max_text=100)


def served(story: Callable[[TestClient[Any, Any]], Awaitable[Any]]) -> Any:
    """What a story gives that is told to a running service of version B."""

    async def told() -> Any:
        app = make_app("b", LIMITS, AllowedHosts.listed("", "127.0.0.1"))
        async with TestClient(TestServer(app)) as client:
            return await story(client)

    return asyncio.run(told())


def test_one_text_is_answered_with_numbers() -> None:
    async def story(client: TestClient[Any, Any]) -> None:
        for text, (_, scores) in SIX.items():
            answer = await (await client.post("/predict", json={"data": text})).json()
            assert answer == dict(zip(("compound", "neg", "neu", "pos"), scores, strict=True))
            assert all(isinstance(value, float) for value in answer.values())

    served(story)


def test_a_batch_is_answered_in_its_order_with_the_versions_name() -> None:
    async def story(client: TestClient[Any, Any]) -> Any:
        return await (await client.post("/predict/batch", json={"data": list(SIX)})).json()

    answer = served(story)
    assert answer["version"] == "vaderSentiment-3.3.2"
    assert [one["compound"] for one in answer["data"]] == [scores[0] for _, scores in SIX.values()]


@pytest.mark.parametrize(
    ("method", "path", "how", "status", "reason"),
    [
        ("POST", "/predict", {"data": b"{"}, 400, "not JSON"),
        ("POST", "/predict", {"json": {"data": "x" * 101}}, 413, "more than 100"),
        ("POST", "/predict/batch", {"json": {"data": ["x"] * 4097}}, 413, "more than 4096"),
        ("POST", "/predict", {"data": b"x" * (LIMITS.max_body_bytes + 1)}, 413, "body size"),
        ("GET", "/predict", {}, 405, "GET is not POST"),
        ("GET", "/nope", {}, 404, "/predict/batch"),
        ("GET", "/health", {"headers": {"Host": "evil.example"}}, 421, "DNS rebinding"),
    ],
)
def test_a_refusal_is_json_with_its_reason(
    method: str, path: str, how: dict[str, Any], status: int, reason: str
) -> None:
    async def story(client: TestClient[Any, Any]) -> tuple[int, Any]:
        response = await client.request(method, path, **how)
        return response.status, await response.json()

    found, answer = served(story)
    assert (found, list(answer)) == (status, ["error"])
    assert reason in answer["error"]


def test_health_and_metrics() -> None:
    async def story(client: TestClient[Any, Any]) -> tuple[Any, str]:
        await client.post("/predict/batch", json={"data": ["a", "b"]})
        await client.get("/hostile/<script>")
        return await (await client.get("/health")).json(), await (await client.get("/metrics")).text()

    health, metrics = served(story)
    assert health == {"status": "ok", "version": "vaderSentiment-3.3.2"}
    assert 'tweetsieve_sentiment_texts_total{version="vaderSentiment-3.3.2"}' in metrics
    assert 'path="/predict/batch",status="200"' in metrics
    assert 'path="other",status="404"' in metrics
    assert "hostile" not in metrics
