"""The paths of the service: ``/predict``, ``/predict/batch``, ``/health`` and ``/metrics``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web

from include.infra.allowed_hosts import REFUSED, AllowedHosts
from include.workloads.sentiment.base.settings import SentimentSettings, Version
from include.workloads.sentiment.models.versions import Score, model, version_name
from include.workloads.sentiment.service import metrics
from include.workloads.sentiment.service.requests import BadRequest, Bounds, many_texts, one_text

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PATHS = ("/predict", "/predict/batch", "/health", "/metrics")
THREADS = 2
"""So that a single text does not wait for a batch, and /health for neither."""


def make_app(version: Version, settings: SentimentSettings, hosts: AllowedHosts) -> web.Application:
    """The application; the model is loaded when it returns."""
    service = _Service(version, Bounds(settings.max_text, settings.max_batch))
    app = web.Application(
        middlewares=[_counted(service.name), _told(hosts)], client_max_size=settings.max_body_bytes
    )
    app.add_routes(
        [
            web.post("/predict", service.predict),
            web.post("/predict/batch", service.predict_batch),
            web.get("/health", service.health),
            web.get("/metrics", _metrics),
        ]
    )
    app.on_cleanup.append(service.close)
    return app


class _Service:
    def __init__(self, version: Version, bounds: Bounds) -> None:
        self.name = version_name(version)
        self._score: Score = model(version)
        self._bounds = bounds
        self._pool = ThreadPoolExecutor(THREADS, "score")

    async def predict(self, request: web.Request) -> web.Response:
        text = one_text(await request.read(), self._bounds)
        (score,) = await self._scores([text])
        return _json(score)

    async def predict_batch(self, request: web.Request) -> web.Response:
        texts = many_texts(await request.read(), self._bounds)
        return _json({"version": self.name, "data": await self._scores(texts)})

    async def health(self, request: web.Request) -> web.Response:
        return _json({"status": "ok", "version": self.name})

    async def close(self, app: web.Application) -> None:
        self._pool.shutdown(wait=True)

    async def _scores(self, texts: list[str]) -> list[Mapping[str, float]]:
        score = self._score
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._pool, lambda: [score(text) for text in texts])
        metrics.TEXTS.labels(self.name).inc(len(texts))
        return found


async def _metrics(request: web.Request) -> web.Response:
    return web.Response(body=metrics.page(), content_type="text/plain", charset="utf-8")


def _counted(version: str) -> Any:
    """Middleware that counts requests and their time."""

    @web.middleware
    async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
        path = request.path if request.path in PATHS else "other"
        began = time.perf_counter()
        response = await handler(request)
        metrics.SECONDS.labels(version, path).observe(time.perf_counter() - began)
        metrics.REQUESTS.labels(version, path, str(response.status)).inc()
        return response

    return counted


def _told(hosts: AllowedHosts) -> Any:
    """Middleware by which every refusal is JSON with its reason, and only our host names are answered."""

    @web.middleware
    async def told(request: web.Request, handler: Handler) -> web.StreamResponse:
        if (refused := hosts.refusal(request.headers.getall("Host", []))) is not None:
            return _error(REFUSED, refused.strip())
        try:
            return await handler(request)
        except BadRequest as refusal:
            return _error(refusal.status, str(refusal))
        except web.HTTPRequestEntityTooLarge as refusal:
            return _error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(refusal.text))
        except web.HTTPMethodNotAllowed as refusal:
            allowed = ", ".join(sorted(refusal.allowed_methods))
            response = _error(HTTPStatus.METHOD_NOT_ALLOWED, f"{request.method} is not {allowed}")
            response.headers["Allow"] = allowed
            return response
        except web.HTTPNotFound:
            return _error(HTTPStatus.NOT_FOUND, f"there is no such path; there are: {', '.join(PATHS)}")

    return told


def _error(status: HTTPStatus, reason: str) -> web.Response:
    return _json({"error": reason}, status)


def _json(content: Any, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(content), content_type="application/json")
