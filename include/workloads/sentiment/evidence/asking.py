"""Asking both services for the same texts, and how long they take."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import numpy as np

from include.settings import Settings
from include.streaming.evidence import NoEvidence
from include.workloads.sentiment.base.settings import TEXTS_PER_REQUEST, Version, sentiment_settings

TIMEOUT_SECONDS = 30.0
TIMED = 200
"""Requests of one text by which the latency is judged."""


@contextmanager
def services(settings: Settings, *versions: Version) -> Iterator[dict[Version, httpx.Client]]:
    """A client for each version's service."""
    own = sentiment_settings()
    clients = {
        version: httpx.Client(base_url=own.url(version, settings), timeout=TIMEOUT_SECONDS, trust_env=False)
        for version in versions
    }
    try:
        yield clients
    finally:
        for client in clients.values():
            client.close()


def compound(client: httpx.Client, texts: Sequence[str]) -> np.ndarray:
    """compound of each text: float[n].

    Raises:
        NoEvidence: the service does not answer, or refuses a text.
    """
    found: list[float] = []
    for start in range(0, len(texts), TEXTS_PER_REQUEST):
        answer = _post(client, "/predict/batch", list(texts[start : start + TEXTS_PER_REQUEST]))
        found += [one["compound"] for one in answer["data"]]
    return np.array(found)


def version_of(client: httpx.Client) -> str:
    """The name of the version that the service has.

    Raises:
        NoEvidence: it does not answer.
    """
    return str(_post(client, "/predict/batch", ["fine"])["version"])


def latencies(clients: Mapping[Version, httpx.Client], texts: Sequence[str]) -> dict[Version, dict[str, Any]]:
    """Milliseconds of single requests over a kept connection, the versions asked in turn: p50, p95, p99.

    Raises:
        NoEvidence: a service does not answer.
    """
    taken: dict[Version, list[float]] = {version: [] for version in clients}
    for text in list(texts)[:TIMED]:
        for version, client in clients.items():
            began = time.perf_counter()
            _post(client, "/predict", text)
            taken[version].append((time.perf_counter() - began) * 1000)
    return {
        version: {"n": len(values), **{f"p{p}": float(np.percentile(values, p)) for p in (50, 95, 99)}}
        for version, values in taken.items()
    }


def _post(client: httpx.Client, path: str, data: Any) -> Any:
    try:
        response = client.post(path, json={"data": data})
        response.raise_for_status()
        return response.json()
    except (httpx.HTTPError, ValueError) as problem:
        raise NoEvidence(
            f"no score from {client.base_url} ({type(problem).__name__}: {problem}): run the DAG "
            "stream_classifier with workload sentiment, which starts the services"
        ) from problem
