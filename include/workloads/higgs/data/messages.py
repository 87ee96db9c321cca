"""An event as the message that carries it."""

from __future__ import annotations

import numpy as np
import orjson

from include.workloads.higgs.base.events import EVENT_ID, FEATURES


def message(event_id: int, features: np.ndarray) -> bytes:
    """JSON of the event's number and its features (float64[30]), all as floats.

    >>> message(7, np.arange(30.0))[:40]
    b'{"EventId":7.0,"DER_mass_MMC":0.0,"DER_m'
    """
    return orjson.dumps(dict(zip((EVENT_ID, *FEATURES), (float(event_id), *features.tolist()), strict=True)))
