"""Events for the drill: known ones, some without a jet, and broken ones."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from include.streaming.samples import Samples
from include.workloads.higgs.data.messages import message
from include.workloads.higgs.data.synthetic import CHUNK, chunk

SEED = 7


def event(number: int) -> bytes:
    """The event of that number; the same number gives the same event."""
    return message(number, features_of(number))


def features_of(number: int) -> np.ndarray:
    """Its features: float64[30]."""
    return _chunk(number // CHUNK)[number % CHUNK]


def broken(number: int) -> bytes:
    """In turn: one cut off, one that lacks a feature, one with an infinite feature, one with a text as id."""
    whole = event(number)
    kinds = (
        whole[: len(whole) // 2],
        whole.replace(b"PRI_met_sumet", b"PRI_met_other"),
        whole.replace(b'"DER_mass_vis":', b'"DER_mass_vis":1e999,"was":'),
        whole.replace(b'"EventId":', b'"EventId":"none","was":'),
    )
    return kinds[number // 100 % len(kinds)]


@lru_cache(maxsize=4)
def _chunk(number: int) -> np.ndarray:
    return chunk(SEED, number)[0]


def samples() -> Samples:
    return Samples(
        valid=event, malformed=broken, key=lambda number: b"%d" % number,
        model="include.workloads.higgs.sample_model",
    )  # fmt: skip
