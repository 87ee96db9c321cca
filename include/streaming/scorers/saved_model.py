"""The scorer that runs the promoted SavedModel inside the Spark Python worker."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from include.model.registry.store import ModelStore
from include.serving.in_service import version_in_service
from include.settings import Settings
from include.streaming.backoff import pauses
from include.streaming.python_workers import spare_the_collector
from include.streaming.scorers.base import CANARY, Scores
from include.streaming.scorers.bisection import Refused, isolate
from include.streaming.workload import SavedModel

log = logging.getLogger(__name__)

# One worker per core: more threads in each would only wait for each other.
with contextlib.suppress(RuntimeError):  # TensorFlow is at work already, in a process that set it up
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


class SavedModelScorer:
    """Loaded once per worker and warmed up; follows the version in service within ``refresh`` seconds.

    A version that can't be loaded leaves the one before in use, and a log line.
    """

    def __init__(self, declared: SavedModel, settings: Settings) -> None:
        self._declared = declared
        self._settings = settings
        self._store = ModelStore(settings)
        self._version: int | None = None
        self._signature: Any = None
        self._looked = float("-inf")

    def ready(self) -> str | None:
        try:
            version = version_in_service(self._settings)
        except OSError as problem:
            return str(problem)
        return None if version is not None else "no model is in service: run the DAG promote_model"

    def warm(self) -> None:
        with contextlib.suppress(OSError):
            self._load(version_in_service(self._settings))

    def score(self, texts: Sequence[str], ids: Sequence[str] = ()) -> Scores:
        self._follow()
        size = self._declared.batch
        batches = [texts[start : start + size] for start in range(0, len(texts), size)]
        return Scores.joined([isolate(batch, self._ask) for batch in batches])

    def _follow(self) -> None:
        for pause in pauses():
            if time.monotonic() - self._looked > self._declared.refresh:
                try:
                    self._load(version_in_service(self._settings))
                except OSError as problem:
                    log.warning("can't tell which model is in service, %s stays: %s", self._version, problem)
                self._looked = time.monotonic()
            if self._signature is not None:
                return
            log.warning("waiting for a model in service")
            self._looked = float("-inf")
            time.sleep(pause)

    def _load(self, version: int | None) -> None:
        if version is None or version == self._version:
            return
        path = self._store.path(version)
        try:
            loaded = tf.saved_model.load(str(path))
            signature = loaded.signatures["serving_default"]
            signature(text=tf.constant([CANARY]))
        except (OSError, KeyError, tf.errors.OpError) as problem:
            log.warning(
                "model %s can't be loaded from %s, %s stays: %s", version, path, self._version, problem
            )
            return
        self._model, self._signature, self._version = loaded, signature, version
        spare_the_collector()

    def _ask(self, texts: Sequence[str]) -> Scores:
        try:
            answer = self._signature(text=tf.constant(list(texts)))["ai_prob"].numpy().astype(np.float64)
        except (tf.errors.InvalidArgumentError, ValueError) as problem:
            raise Refused("model refused it") from problem
        if not ((answer >= 0) & (answer <= 1)).all():
            raise Refused("model answered no probability")
        return Scores(answer, np.full(len(texts), self._version, np.int32))
