"""What a stored model itself answers, for servers to be compared with."""

from __future__ import annotations

import numpy as np

from include.model.evaluation.behaviour import CASES
from include.model.registry.store import ModelStore
from include.promotion.scoring.edge_case_texts import EDGE_CASE_TEXTS
from include.settings import Settings

TEXTS = [*EDGE_CASE_TEXTS, *(text for case in CASES for text in case.texts)]


def expected_answers(version: int, settings: Settings) -> np.ndarray:
    """The stored version's own probabilities for ``TEXTS``: float64[n]. Loads TensorFlow.

    Raises:
        NoModel: the store doesn't hold it.
    """
    from include.model.training.saved_model import LoadedModel

    return LoadedModel(ModelStore(settings).path(version)).probabilities(TEXTS)
