"""How fast a model answers, and when a version is too slow beside another."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from include.promotion.limits import PromotionLimits
from include.serving.client import ServingClient


def request_ms(client: ServingClient, texts: Sequence[str], version: int) -> float:
    """Milliseconds that one request took.

    Raises:
        ServingError, ServingUnavailable: it was not answered.
    """
    began = time.perf_counter()
    client.predict(texts, version=version)
    return 1000 * (time.perf_counter() - began)


def p95(milliseconds: Sequence[float]) -> float:
    """The 95th percentile; 0 where there is none."""
    return float(np.percentile(milliseconds, 95)) if len(milliseconds) else 0.0


def too_slow(new: float, old: float, limits: PromotionLimits) -> bool:
    """Whether a 95th percentile in milliseconds is too high beside the champion's.

    A percentile of a few milliseconds trebles by chance, so it is never too high.

    >>> too_slow(90, 4, PromotionLimits()), too_slow(20, 4, PromotionLimits())
    (True, False)
    """
    return new > max(limits.latency_unnoticed_ms, limits.max_latency_ratio * old)
