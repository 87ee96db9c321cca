"""Output arrays to the JSON of an answer, after TensorFlow Serving's ``util/json_tensor.cc``."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from include.serving.local_server.payload.errors import RequestError
from include.serving.local_server.payload.tensors import NUMPY

Json = Any

_WRITTEN = {np.dtype(one) for one in NUMPY.values()}
_TENSORFLOW_NAMES = {"float16": "half"}


def write_outputs(outputs: Mapping[str, np.ndarray], *, rows: bool) -> dict[str, Json]:
    """The answer's JSON: ``predictions`` for the row form, ``outputs`` for the columnar one.

    A single output is not named, several are. Numbers stay in arrays where possible, because the encoder
    writes a float32 with the fewest digits that identify it. Bytes that are no UTF-8 become surrogates, as by
    the error handler ``surrogateescape``.

    Raises:
        RequestError: there are no outputs, one has a type that JSON has no form for, or the row form was
            asked for and they have no common number of rows.
    """
    if not outputs:
        raise RequestError("Cannot convert empty tensor map to JSON")
    if rows:
        _require_rows(outputs)
    for array in outputs.values():
        if array.size and array.dtype not in _WRITTEN:
            name = _TENSORFLOW_NAMES.get(array.dtype.name, array.dtype.name)
            raise RequestError(f"Failed to write JSON value for tensor type: {name}")
    if len(outputs) == 1:
        return {"predictions" if rows else "outputs": _to_json(*next(iter(outputs.items())))}
    if not rows:
        return {"outputs": {name: _to_json(name, array) for name, array in outputs.items()}}
    columns = {name: _row_values(name, array) for name, array in outputs.items()}
    return {
        "predictions": [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    }


def _require_rows(outputs: Mapping[str, np.ndarray]) -> None:
    """Every output has a first dimension, of the same size."""
    expected: int | None = None
    for name, array in outputs.items():
        if not array.ndim:
            raise RequestError(f"Tensor name: {name} has no shape information ")
        size = array.shape[0]
        if expected is not None and size != expected:
            raise RequestError(
                f"Tensor name: {name} has inconsistent batch size: {size} expecting: {expected}"
            )
        expected = size


def _to_json(name: str, array: np.ndarray) -> Json:
    if array.dtype == object:
        return _strings(name, array.tolist())
    return array if array.size else array.tolist()


def _row_values(name: str, array: np.ndarray) -> list[Json]:
    """The rows as values; a float32 stays one, to be written with the fewest digits that identify it."""
    if array.dtype == object:
        return _strings(name, array.tolist())
    if array.dtype.itemsize < 8 and array.dtype.kind == "f":
        return list(array) if array.ndim == 1 else list(np.ascontiguousarray(array))
    return array.tolist()


def _strings(name: str, value: Json) -> Json:
    if isinstance(value, list):
        return [_strings(name, item) for item in value]
    raw = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
    if name.endswith("_bytes"):
        return {"b64": base64.b64encode(raw).decode("ascii")}
    return raw.decode("utf-8", "surrogateescape")
