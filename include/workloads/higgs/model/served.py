"""A stored model, loaded into this process: what a server answers for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

from include.workloads.higgs.base.events import FEATURES


class ServedModel:
    """The SavedModel of a folder."""

    def __init__(self, folder: Path) -> None:
        self._model = tf.saved_model.load(str(folder))
        self._serve = self._model.signatures["serving_default"]

    def outputs(self, features: np.ndarray, batch: int = 4096) -> dict[str, np.ndarray]:
        """The outputs by name, n values each, for features float64[n, 30]; n > 0."""
        parts = [self._ask(features[start : start + batch]) for start in range(0, len(features), batch)]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def signal(self, features: np.ndarray) -> np.ndarray:
        """Probabilities of signal: float64[n]."""
        return self.outputs(features)["signal"].astype(np.float64)

    def _ask(self, features: np.ndarray) -> dict[str, np.ndarray]:
        columns = {name: tf.constant(features[:, place], tf.float64) for place, name in enumerate(FEATURES)}
        return {name: value.numpy() for name, value in self._serve(**columns).items()}
