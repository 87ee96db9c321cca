"""The model server by request size: one connection, one request at a time."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

from include.posts.parse import parse_post
from include.serving.client import ServingClient
from include.settings import Settings

SIZES = (1, 8, 64, 256, 1024, 4096)
SECONDS = 2.0


def by_size(settings: Settings, values: list[bytes]) -> dict[str, Any]:
    """Texts per second for each of SIZES: the median request of two seconds' worth."""
    texts = [parse_post(value).text for value in values[: max(SIZES)]]
    found = {}
    with ServingClient(settings.model_url, settings.model_name) as client:
        for size in SIZES:
            client.predict(texts[:size])
            seconds: list[float] = []
            until = time.monotonic() + SECONDS
            while time.monotonic() < until or len(seconds) < 3:
                began = time.perf_counter()
                client.predict(texts[:size])
                seconds.append(time.perf_counter() - began)
            found[str(size)] = {"per_second": size / median(seconds), "requests": len(seconds)}
    return found
