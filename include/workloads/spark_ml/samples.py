"""Rows for the drill and the benchmark: known ones, and broken ones."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import orjson

from include.streaming.samples import Samples
from include.workloads.spark_ml.base.row import EVENT_ID, STATUS
from include.workloads.spark_ml.data.messages import message
from include.workloads.spark_ml.data.synthetic import CHUNK, chunk

SEED = 7


def row(number: int) -> bytes:
    """The message of that number; the same number gives the same message."""
    return message(number, _chunk(number // CHUNK)[number % CHUNK])


def broken(number: int) -> bytes:
    """In turn: one cut off, one that lacks a feature, one with an infinite feature, one with a text as id."""
    whole = row(number)
    kinds = (
        whole[: len(whole) // 2],
        whole.replace(b'"m_bb":', b'"m_other":'),
        whole.replace(b'"m_jj":', b'"m_jj":1e999,"was":'),
        whole.replace(b'"event_id":', b'"event_id":"none","was":'),
    )
    return kinds[number // 100 % len(kinds)]


def error(text: str) -> bytes:
    """A message in which the source reports an error and sends no features."""
    return orjson.dumps({EVENT_ID: 0, STATUS: text})


@lru_cache(maxsize=4)
def _chunk(number: int) -> np.ndarray:
    return chunk(SEED, number)[0]


def samples() -> Samples:
    return Samples(
        valid=row, malformed=broken, key=lambda number: b"%d" % number, source_error=error,
        model="include.workloads.spark_ml.sample_model",
        checks={
            "impossible_probabilities": "SELECT count(*) FROM spark_ml WHERE NOT probability BETWEEN 0 AND 1",
            "other_predictions": "SELECT count(*) FROM spark_ml WHERE prediction <> (probability > 0.5)::int",
        },
    )  # fmt: skip
