"""A row as the message that carries it."""

from __future__ import annotations

import numpy as np
import orjson

from include.workloads.spark_ml.base.row import EVENT_ID, FEATURES, STATUS


def message(event_id: int, features: np.ndarray, status: str = "OK") -> bytes:
    """JSON of a row's number, what its source says of it, and its features (float64[28]).

    >>> message(7, np.arange(28.0))[:44]
    b'{"event_id":7,"status":"OK","lepton_pT":0.0,'
    """
    values = dict(zip(FEATURES, features.tolist(), strict=True))
    return orjson.dumps({EVENT_ID: event_id, STATUS: status, **values})
