"""A kind of model that can be promoted, as data and functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from include.model.registry.stored_model import StoredModel
from include.promotion.limits import PromotionLimits
from include.serving.examples import ExampleForm
from include.settings import Settings

Source = Literal["golden", "weak", "none"]
Parts = dict[str, str]


@dataclass(frozen=True)
class EvaluationRows:
    """Examples with labels, bool[n], hashes and languages (None where there is none).

    ``counts``: labelled rows there are, those that the candidate met in training, those that count, and the
    positive ones among these. ``source`` is ``golden`` where the labels are the truth.
    """

    source: Source
    texts: list[str]
    labels: np.ndarray
    hashes: list[str]
    langs: list[str | None]
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """How a kind of model is judged and verified.

    Attributes:
        form: how examples travel to the server.
        rows: the labelled rows that judge a candidate. Raises UserError where there can be none.
        parts: of an example and its language, the slices that it belongs to, by kind.
        edge_cases: examples that real streams hold as well; each has to be answered.
        behaviour: runs behavioural tests by a scorer and a threshold; None where there are none.
        probes: examples that servers are verified by.
        expected: the stored model's own probabilities for examples, float64[n]; may load TensorFlow.
        latest: recent examples for the canary; none where there are too few.
        traffic: events of the stream of the last so many seconds, by the version that answered.
    """

    form: ExampleForm
    rows: Callable[[StoredModel, Settings, PromotionLimits], EvaluationRows]
    parts: Callable[[str, str | None], Parts]
    edge_cases: Sequence[str]
    probes: Sequence[str]
    expected: Callable[[Path, Sequence[str]], np.ndarray]
    behaviour: Callable[[Callable[[Sequence[str]], np.ndarray], float], dict[str, Any]] | None = None
    latest: Callable[[Settings], list[str]] = lambda settings: []
    traffic: Callable[[Settings, float], Mapping[str, int]] = lambda settings, seconds: {}
