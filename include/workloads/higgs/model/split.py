"""Which events are learned from, which end the training, and which judge the model."""

from __future__ import annotations

from typing import NamedTuple

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


def split(events: Labelled, seed: int) -> Parts:
    """Split by chance; the same events and seed give the same parts.

    Raises:
        TooFewEvents: fewer than FEWEST of one class.
    """
    signal = int(events.signal.sum())
    if min(signal, len(events) - signal) < FEWEST:
        raise TooFewEvents(
            f"{len(events)} events, {signal} of them signal: at least {FEWEST} of either class are needed to "
            f"train and judge a model; give more (events), or another file"
        )
    order = np.random.default_rng(seed).permutation(len(events))
    test, validation = (round(share * len(events)) for share in (TEST_SHARE, VALIDATION_SHARE))
    cuts = (order[test + validation :], order[test : test + validation], order[:test])
    return Parts(*(events.take(places) for places in cuts))
