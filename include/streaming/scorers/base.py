"""The interface of a scorer, and what it answers with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pyarrow as pa


@dataclass(frozen=True)
class Scores:
    """A scorer's answer for ``n`` rows of inputs.

    Attributes:
        outputs: the declared columns by name, n values each; null where the row was refused.
        versions: dictionary of text [n]: the version that answered; null where the row was refused.
        refused: for each row that the model will never take, its index and the reason.
    """

    outputs: Mapping[str, pa.Array]
    versions: pa.Array
    refused: dict[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.versions)

    @classmethod
    def of(cls, outputs: Mapping[str, pa.Array], version: str, rows: int) -> Scores:
        """All rows answered by one version."""
        return cls(outputs, pa.DictionaryArray.from_arrays(np.zeros(rows, np.int32), pa.array([version])))

    @classmethod
    def refusal(cls, reason: str, types: Mapping[str, pa.DataType]) -> Scores:
        """The answer for one row that was refused. ``types``: of the outputs, by name."""
        versions = pa.DictionaryArray.from_arrays(pa.nulls(1, pa.int32()), pa.array([], pa.string()))
        return cls({name: pa.nulls(1, kind) for name, kind in types.items()}, versions, {0: reason})

    @classmethod
    def joined(cls, parts: Sequence[Scores]) -> Scores:
        """Several answers, one after the other; at least one.

        >>> one = Scores.of({"p": pa.array([0.5])}, "3", 1)
        >>> both = Scores.joined([one, Scores.refusal("no", {"p": pa.float64()})])
        >>> both.outputs["p"].to_pylist(), both.versions.to_pylist(), both.refused
        ([0.5, None], ['3', None], {1: 'no'})
        """
        if len(parts) == 1:
            return parts[0]
        refused: dict[int, str] = {}
        start = 0
        for part in parts:
            refused |= {start + index: reason for index, reason in part.refused.items()}
            start += len(part)
        outputs = {
            name: pa.concat_arrays([part.outputs[name] for part in parts]) for name in parts[0].outputs
        }
        return cls(outputs, pa.concat_arrays([part.versions for part in parts]), refused)

    def take(self, rows: np.ndarray) -> Scores:
        """The answers in another order: int64 [n], each index once."""
        order = pa.array(rows)
        place = np.empty(len(rows), np.int64)
        place[rows] = np.arange(len(rows))
        return Scores(
            {name: column.take(order) for name, column in self.outputs.items()},
            self.versions.take(order),
            {int(place[index]): reason for index, reason in self.refused.items()},
        )


class Scorer(Protocol):
    """Scores batches; one lives in each process that scores."""

    def score(self, inputs: pa.RecordBatch) -> Scores:
        """Outputs of at least one row. Waits out an outage; refuses only what no model will take."""

    def ready(self) -> str | None:
        """Why it can't score at this moment, or None. Quick; raises nothing."""

    def warm(self) -> None:
        """Prepare for the first batch: load, connect. Tries once, waits for nothing, raises nothing."""


class Refused(Exception):
    """The model won't take these rows; ``reason`` says why, in few and stable words."""

    def __init__(self, reason: str, details: str = "") -> None:
        super().__init__(details or reason)
        self.reason = reason


class NotNow(Exception):
    """No answer at this moment; ``timed_out`` where the request took too long."""

    def __init__(self, reason: str, *, timed_out: bool = False) -> None:
        super().__init__(reason)
        self.timed_out = timed_out


class Endpoint(Protocol):
    """One way to reach a model; asked once per call."""

    def ask(self, inputs: pa.RecordBatch) -> Scores:
        """The answer for all rows.

        Raises:
            Refused: at least one of the rows can't be scored.
            NotNow: whether they can is unknown; asking later may help.
        """
