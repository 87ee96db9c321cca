"""The scorer that runs a SavedModel inside the process that scores."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import tensorflow as tf

from include.errors import UserError
from include.model.registry.store import ModelStore
from include.serving.config import ConfigError
from include.serving.in_service import version_in_service
from include.settings import Settings
from include.streaming.backoff import pauses
from include.streaming.python_workers import spare_the_collector
from include.streaming.scorer_choices import SavedModel
from include.streaming.scorers.base import NotNow, Refused, Scores
from include.streaming.scorers.bisection import isolate
from include.streaming.scorers.columns import one_row, output_columns, tensor, types_of

log = logging.getLogger(__name__)

# One worker per core: more threads in each would only wait for each other.
with contextlib.suppress(RuntimeError):  # TensorFlow is at work already, in a process that set it up
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


class SavedModelScorer:
    """Loaded once per process; follows the version in service within ``refresh`` seconds.

    A version that can't be loaded leaves the one before in use, and a log line.

    Args:
        values: ``model``, as the settings have it.
        promoted: promotion decides which version is in service; otherwise it is the largest in the store.
        version: this one alone, whatever is in service.
    """

    def __init__(
        self,
        declared: SavedModel,
        values: Mapping[str, Any],
        settings: Settings,
        *,
        promoted: bool,
        version: int | None = None,
    ) -> None:
        self._declared = declared
        self._settings = settings.model_copy(update={"model_name": values["model"]})
        self._store = ModelStore(self._settings)
        self._promoted = promoted
        self._fixed = version
        self._types = types_of(declared.outputs)
        self._probe = one_row(declared.probe)
        self._version: int | None = None
        self._signature: Any = None
        self._checked = float("-inf")

    def ready(self) -> str | None:
        try:
            version = self._wanted()
        except (OSError, ConfigError) as problem:
            return str(problem)
        if version is not None:
            return None
        if self._promoted:
            return "no model is in service: run the DAG promote_model"
        return f"no version of the model is in the store {self._store.folder}"

    def warm(self) -> None:
        with contextlib.suppress(OSError, ConfigError):
            self._load(self._wanted())

    def score(self, inputs: pa.RecordBatch) -> Scores:
        self._follow()
        return Scores.joined([isolate(batch, self._ask, self._types) for batch in self._batches(inputs)])

    def score_at_once(self, inputs: pa.RecordBatch) -> Scores:
        """Scores of all rows, without waiting.

        Raises:
            NotNow, Refused: the version can't be loaded, or one of the rows was refused.
        """
        if self._signature is None:
            self._load(self._wanted())
        if self._signature is None:
            raise NotNow(f"version {self._fixed} can't be loaded from {self._store.folder}")
        return Scores.joined([self._ask(batch) for batch in self._batches(inputs)])

    def _batches(self, inputs: pa.RecordBatch) -> list[pa.RecordBatch]:
        size = self._declared.batch
        return [inputs.slice(start, size) for start in range(0, inputs.num_rows, size)]

    def _wanted(self) -> int | None:
        if self._fixed is not None:
            return self._fixed
        if self._promoted:
            return version_in_service(self._settings)
        return max(self._store.versions(), default=None)

    def _follow(self) -> None:
        for pause in pauses():
            if time.monotonic() - self._checked > self._declared.refresh:
                self.warm()
                self._checked = time.monotonic()
            if self._signature is not None:
                return
            log.warning("waiting for a model in service")
            self._checked = float("-inf")
            time.sleep(pause)

    def _load(self, version: int | None) -> None:
        if version is None or version == self._version:
            return
        try:
            loaded = tf.saved_model.load(str(self._store.path(version)))
            signature = loaded.signatures[self._declared.signature]
            signature(**self._tensors(self._probe, signature))
        except (OSError, UserError, KeyError, ValueError, TypeError, tf.errors.OpError) as problem:
            log.warning("model version %s can't be loaded, %s stays: %s", version, self._version, problem)
            return
        self._model, self._signature, self._version = loaded, signature, version
        spare_the_collector()

    def _ask(self, inputs: pa.RecordBatch) -> Scores:
        try:
            answer = self._signature(**self._tensors(inputs, self._signature))
        except (tf.errors.InvalidArgumentError, ValueError) as problem:
            raise Refused("model refused it") from problem
        arrays = {output.name: answer[output.name].numpy() for output in self._declared.outputs}
        columns = output_columns(arrays, self._declared.outputs, inputs.num_rows)
        return Scores.of(columns, str(self._version), inputs.num_rows)

    def _tensors(self, inputs: pa.RecordBatch, signature: Any) -> dict[str, tf.Tensor]:
        """The signature's inputs, in the types it declares."""
        types = signature.structured_input_signature[1]
        return {
            name: tf.constant(tensor(inputs.column(ours)), types[name].dtype)
            for name, ours in self._declared.inputs.items()
        }
