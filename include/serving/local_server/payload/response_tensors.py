"""Output arrays to the JSON of an answer, after TensorFlow Serving's ``util/json_tensor.cc``."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from include.serving.local_server.errors import RequestError

Json = Any


def write_outputs(outputs: Mapping[str, np.ndarray], *, rows: bool) -> dict[str, Json]:
    """The answer's JSON: ``predictions`` for the row form, ``outputs`` for the columnar one.

    A single output is not named, several are. Numbers stay in arrays where possible, because the encoder
    writes a float32 with the fewest digits that identify it.

    Raises:
        RequestError: row form, and the outputs have no common number of rows.
    """
    if not rows:
        columns = {name: _to_json(name, array) for name, array in outputs.items()}
        return {"outputs": next(iter(columns.values())) if len(columns) == 1 else columns}
    sizes = {name: (array.shape[0] if array.ndim else None) for name, array in outputs.items()}
    expected = next(iter(sizes.values()))
    for name, size in sizes.items():
        if size is None:
            raise RequestError(f"Tensor name: {name} has no batch dimension; use the columnar form")
        if size != expected:
            raise RequestError(
                f"Tensor name: {name} has inconsistent batch size: {size} expecting: {expected}"
            )
    if len(outputs) == 1:
        return {"predictions": _to_json(*next(iter(outputs.items())))}
    columns = {name: _row_values(name, array) for name, array in outputs.items()}
    return {
        "predictions": [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    }


def _to_json(name: str, array: np.ndarray) -> Json:
    return array if array.dtype != object else _strings(name, array.tolist())


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
    raw = value if isinstance(value, bytes) else str(value).encode()
    if name.endswith("_bytes"):
        return {"b64": base64.b64encode(raw).decode("ascii")}
    return raw.decode("utf-8", "replace")
