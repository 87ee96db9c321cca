"""The JSON of a request to arrays, by the names and types of a signature.

Follows TensorFlow Serving's ``util/json_tensor.cc``: the row form (``instances``), the columnar form
(``inputs``), base64 strings, and the texts of its errors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from include.serving.local_server.payload.errors import RequestError
from include.serving.local_server.payload.json_values import Json, is_named, quoted
from include.serving.local_server.payload.tensors import TensorInfo, flat_values, shape_of, to_array


def read_inputs(
    body: Mapping[str, Json], infos: Mapping[str, TensorInfo]
) -> tuple[dict[str, np.ndarray], bool]:
    """The input arrays by name, and whether the request came in row form.

    Raises:
        RequestError: INVALID_ARGUMENT with TensorFlow Serving's text; UNIMPLEMENTED for an input in columnar
            form of a type that JSON can't be converted to.
    """
    if "instances" in body and "inputs" in body:
        text = "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist "
        raise RequestError(f"JSON Value: {quoted(body)} {text}")
    if "instances" in body:
        return _read_rows(body["instances"], infos), True
    if "inputs" in body:
        return _read_columns(body["inputs"], infos), False
    raise RequestError("Missing 'inputs' or 'instances' key")


def _read_rows(instances: Json, infos: Mapping[str, TensorInfo]) -> dict[str, np.ndarray]:
    if not isinstance(instances, list):
        raise RequestError(f"JSON Value: {quoted(instances)} Expecting 'instances' to be an list/array")
    if not instances:
        raise RequestError("No values in 'instances' array")
    if is_named(instances[0]):
        return _read_named_rows(instances, infos)
    if len(infos) > 1:
        raise RequestError(
            "instances is a plain list, but expecting list of objects as multiple input tensors "
            "required as per tensorinfo_map"
        )
    for index, row in enumerate(instances):
        if is_named(row):
            raise RequestError(f"Expecting value/list but got object at item {index} of input list")
    (info,) = infos.values()
    return {info.name: _stack(instances, info, "")}


def _read_named_rows(instances: list[Json], infos: Mapping[str, TensorInfo]) -> dict[str, np.ndarray]:
    for index, row in enumerate(instances):
        if not is_named(row):
            raise RequestError(f"Expecting object but got list at item {index} of input list")
        for name in row.keys() - infos.keys():
            unknown = RequestError(f"JSON object: does not have named input: {name}")
            raise _in_row(index, f" key: {name}", unknown)
        if row.keys() != infos.keys():
            raise RequestError(
                f"Failed to process element: {index} of 'instances' list. JSON object: {quoted(row)} "
                f"keys must be equal to: {','.join(sorted(infos))}"
            )
    return {
        name: _stack([row[name] for row in instances], info, f" key: {name}") for name, info in infos.items()
    }


def _read_columns(inputs: Json, infos: Mapping[str, TensorInfo]) -> dict[str, np.ndarray]:
    if not is_named(inputs):
        if len(infos) > 1:
            raise RequestError(
                "inputs is a plain value/list, but expecting an object as multiple input tensors "
                "required as per tensorinfo_map"
            )
        inputs = {next(iter(infos)): inputs}
    for name in infos:
        if name not in inputs:
            raise RequestError(f"Missing named input: {name} in 'inputs' object.")
    return {name: _to_array(inputs[name], info) for name, info in infos.items()}


def _stack(rows: list[Json], info: TensorInfo, key: str) -> np.ndarray:
    """One array of a list of rows; the first row gives the shape of all."""
    if info.dtype == "string" and set(map(type, rows)) == {str}:
        return np.array(rows, dtype=object)
    expected: tuple[int, ...] | None = None
    flat = list[Json]()
    for index, row in enumerate(rows):
        try:
            shape = shape_of(row)
            flat += flat_values(row, shape, info.dtype)
            expected = shape if expected is None else expected
            _require_same(expected, shape)
        except RequestError as error:
            raise _in_row(index, key, error) from error
    return to_array(flat, (len(rows), *(expected or ())), info.dtype)


def _require_same(expected: tuple[int, ...], shape: tuple[int, ...]) -> None:
    if (size := math.prod(shape)) != math.prod(expected):
        raise RequestError(f"Expecting tensor size: {math.prod(expected)} but got: {size}")
    if shape != expected:
        raise RequestError(f"Expecting shape {_printed(expected)} but got: {_printed(shape)}")


def _to_array(value: Json, info: TensorInfo) -> np.ndarray:
    shape = shape_of(value)
    return to_array(flat_values(value, shape, info.dtype), shape, info.dtype)


def _in_row(index: int, key: str, error: RequestError) -> RequestError:
    """The error of an element, which is INVALID_ARGUMENT whatever its own code."""
    return RequestError(
        f"Failed to process element: {index}{key} of 'instances' list. Error: {error.code}: {error.message}"
    )


def _printed(shape: tuple[int, ...]) -> str:
    return f"[{','.join(map(str, shape))}]"
