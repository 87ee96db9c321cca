"""Which events judge a model follows from the events alone."""

from __future__ import annotations

import numpy as np
import pytest

from include.workloads.higgs.data.labelled import labelled_events
from include.workloads.higgs.model.split import TooFewEvents, split


def rows(features: np.ndarray) -> set[bytes]:
    return {row.tobytes() for row in features}


def test_an_event_is_in_the_same_part_in_every_training() -> None:
    many, few = (split(labelled_events("synthetic", None, count, 1)) for count in (3000, 1000))
    assert rows(few.test.features) <= rows(many.test.features)
    assert rows(few.train.features) <= rows(many.train.features)
    assert not rows(many.test.features) & (rows(many.train.features) | rows(many.validation.features))
    assert sum(map(len, many)) == 3000
    assert 0.2 < len(many.test) / 3000 < 0.3


def test_a_handful_of_events_trains_nothing() -> None:
    with pytest.raises(TooFewEvents, match="at least 40 of either class"):
        split(labelled_events("synthetic", None, 50, 1))
