"""The scorers that a workload can declare, as data.

A function of the settings is called where the stream is started; what it gives travels to the processes
that score, so that those need no environment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pyarrow as pa

from include.settings import Settings


@dataclass(frozen=True)
class Output:
    """One output of a model, and the column that it becomes.

    A value that is null, not a number, or outside the bounds counts as no answer.

    Attributes:
        name: as the model calls it.
        column: as the results call it; empty means the same.
        type: of the column; ``pa.list_(type, size)`` for an output of ``size`` numbers per row.
        low, high: bounds of a number, both included; None for none.
    """

    name: str
    column: str = ""
    type: pa.DataType = field(default_factory=pa.float64)
    low: float | None = None
    high: float | None = None

    @property
    def target(self) -> str:
        return self.column or self.name


@dataclass(frozen=True)
class TfServing:
    """Asks a server that speaks TF Serving's REST API, in batches, over kept connections.

    Attributes:
        model: the model's name; it may depend on the settings.
        inputs: the signature's inputs, each with the decoder's column that goes there.
        outputs: those that become columns.
        probe: one row of inputs that every version answers; a model that refuses it is down, and no
            message is to blame.
        version_output: the output that carries the version's number; without one the server is asked
            which version it serves.
        url: the server's base URL.
        batch: rows per request, at most; the best number up to it is found by measuring.
        in_flight: requests that one task has under way at once, at most.
        timeout: seconds until a request counts as unanswered.
        label: the version label asked for; the label that promotion moves is ``stable``.
    """

    model: Callable[[Settings], str]
    inputs: Mapping[str, str]
    outputs: tuple[Output, ...]
    probe: Mapping[str, Any]
    version_output: str | None = None
    url: Callable[[Settings], str] = lambda settings: settings.model_url
    batch: int = 4096
    in_flight: int = 4
    timeout: float = 30.0
    label: str | None = None


@dataclass(frozen=True)
class SavedModel:
    """Runs a TensorFlow SavedModel inside the process that scores, ``batch`` rows per call.

    Attributes:
        model: the model's name in the store; it may depend on the settings.
        inputs, outputs, probe: as for :class:`TfServing`.
        signature: what is called.
        refresh: seconds between two checks of which version is in service: for a promoted workload the
            one that promotion put there, else the largest in the store.
    """

    model: Callable[[Settings], str]
    inputs: Mapping[str, str]
    outputs: tuple[Output, ...]
    probe: Mapping[str, Any]
    signature: str = "serving_default"
    batch: int = 8192
    refresh: float = 5.0


@dataclass(frozen=True)
class HttpJson:
    """Asks a service that takes and gives JSON over HTTP POST, in batches, over kept connections.

    Attributes:
        url: where requests go.
        request: a batch of inputs as the value that is sent as JSON (numpy arrays are lists there).
        response: the answer's JSON as the outputs by name, n values each; raises KeyError, TypeError or
            ValueError where the answer is not one.
        outputs: those that become columns.
        probe: one row of inputs that the service always answers.
        version: of the service, or the function that reads it from the answer's JSON.
        batch, in_flight, timeout: as for :class:`TfServing`.
        refusals: statuses that blame the request's content; all others are waited out.
    """

    url: Callable[[Settings], str]
    request: Callable[[pa.RecordBatch], Any]
    response: Callable[[Any], Mapping[str, Any]]
    outputs: tuple[Output, ...]
    probe: Mapping[str, Any]
    version: str | Callable[[Any], str] = ""
    batch: int = 1024
    in_flight: int = 4
    timeout: float = 30.0
    refusals: frozenset[int] = frozenset({400, 413, 422})


@dataclass(frozen=True)
class InProcess:
    """Calls Python code inside the process that scores.

    Attributes:
        factory: ``"module:function"``. Called once per process with ``options``, it gives a function from
            a batch of inputs to the outputs by name, n values each. A batch on which that function fails
            is halved until the row it fails on is found.
        outputs, probe: as for :class:`TfServing`.
        version: of the code or of its model; kept with each row.
        options: keyword arguments of the factory; they may depend on the settings.
        batch: rows per call, at most.
    """

    factory: str
    outputs: tuple[Output, ...]
    probe: Mapping[str, Any]
    version: str
    options: Callable[[Settings], Mapping[str, Any]] = lambda settings: {}
    batch: int = 8192


ScorerChoice: TypeAlias = TfServing | SavedModel | HttpJson | InProcess
