"""Which events are learned from, which end the training, and which judge the model."""

from __future__ import annotations

from typing import NamedTuple
from zlib import crc32

import numpy as np

from include.errors import UserError
from include.workloads.higgs.data.labelled import Labelled

TEST_SHARE, VALIDATION_SHARE = 0.25, 0.15
FEWEST = 40
"""Of either class."""


class TooFewEvents(UserError):
    """Too few events, or none of one class."""


class Parts(NamedTuple):
    """Events that no other part has."""

    train: Labelled
    validation: Labelled
    test: Labelled


def split(events: Labelled) -> Parts:
    """Split by a hash of each event's features: an event is in the same part in every training, so that what
    is held out from one model was held out from all.

    Raises:
        TooFewEvents: fewer than FEWEST of one class.
    """
    signal = int(events.signal.sum())
    if min(signal, len(events) - signal) < FEWEST:
        raise TooFewEvents(
            f"{len(events)} events, {signal} of them signal: at least {FEWEST} of either class are needed to "
            f"train and judge a model; give more (events), or another file"
        )
    place = np.array([crc32(row.tobytes()) for row in events.features]) / 2**32
    test, validation = place < TEST_SHARE, place >= 1 - VALIDATION_SHARE
    train = ~(test | validation)
    return Parts(*(events.take(np.flatnonzero(part)) for part in (train, validation, test)))
