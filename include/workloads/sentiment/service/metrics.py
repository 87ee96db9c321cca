"""What the service counts, for Prometheus; with several processes, all of them together."""

from __future__ import annotations

import os

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which prometheus_client finds the other processes' numbers; read when it is imported."""

REQUESTS = Counter(
    "tweetsieve_sentiment_requests_total", "Requests by path and status.", ["version", "path", "status"]
)
TEXTS = Counter("tweetsieve_sentiment_texts_total", "Texts that were scored.", ["version"])
SECONDS = Histogram(
    "tweetsieve_sentiment_request_seconds",
    "Time from a request's last byte to its answer.",
    ["version", "path"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


def page() -> bytes:
    """All numbers in Prometheus' text format."""
    if SHARED_FOLDER not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    return generate_latest(registry)
