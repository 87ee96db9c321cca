"""A model that is Python code, called inside the process that scores."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from include.streaming.scorer_choices import InProcess
from include.streaming.scorers.base import Refused, Scores
from include.streaming.scorers.bisection import isolate
from include.streaming.scorers.columns import one_row, output_columns, types_of


class ModelBroken(RuntimeError):
    """The model fails on its own probe: no message is to blame."""


class InProcessScorer:
    """Loaded at the first use. A row on which the model fails is refused, where the probe still works."""

    def __init__(self, declared: InProcess, values: Mapping[str, Any]) -> None:
        self._declared = declared
        self._options = values["options"]
        self._probe = one_row(declared.probe)
        self._types = types_of(declared.outputs)
        self._model: Callable[[pa.RecordBatch], Mapping[str, Any]] | None = None

    def score(self, inputs: pa.RecordBatch) -> Scores:
        size = self._declared.batch
        starts = range(0, inputs.num_rows, size)
        return Scores.joined(
            [isolate(inputs.slice(start, size), self.ask, self._types, self._confirm) for start in starts]
        )

    def ready(self) -> str | None:
        try:
            self._confirm()
        except Exception as problem:  # noqa: BLE001 - whatever the factory raises
            return f"{self._declared.factory}: {type(problem).__name__}: {problem}"
        return None

    def warm(self) -> None:
        self.ready()

    def ask(self, inputs: pa.RecordBatch) -> Scores:
        """One call of the model.

        Raises:
            Refused: it fails, or answers what is no answer.
        """
        model = self._loaded()
        try:
            answer = model(inputs)
        except Refused:
            raise
        except Exception as problem:
            raise Refused(f"model failed: {type(problem).__name__}", str(problem)) from problem
        columns = output_columns(answer, self._declared.outputs, inputs.num_rows)
        return Scores.of(columns, self._declared.version, inputs.num_rows)

    def _confirm(self) -> None:
        try:
            self.ask(self._probe)
        except Refused as refusal:
            raise ModelBroken(f"{self._declared.factory} fails on its probe: {refusal}") from refusal

    def _loaded(self) -> Callable[[pa.RecordBatch], Mapping[str, Any]]:
        if self._model is None:
            module, _, function = self._declared.factory.partition(":")
            self._model = getattr(importlib.import_module(module), function)(**self._options)
        return self._model
