"""The JSON of a request to arrays, by the names and types of a signature.

Follows TensorFlow Serving's ``util/json_tensor.cc``: the row form (``instances``), the columnar form
(``inputs``), base64 strings, and the texts of its errors.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from include.serving.local_server.errors import RequestError

Json = Any

_NUMPY = {
    "float": np.float32,
    "double": np.float64,
    "half": np.float16,
    "int8": np.int8,
    "int16": np.int16,
    "int32": np.int32,
    "int64": np.int64,
    "uint8": np.uint8,
    "uint16": np.uint16,
    "uint32": np.uint32,
    "uint64": np.uint64,
    "bool": np.bool_,
    "string": np.object_,
}
"""Type names as TensorFlow Serving prints them."""

_ROW = "Failed to process element: {} of 'instances' list. "


@dataclass(frozen=True)
class TensorInfo:
    """One tensor of a signature; ``dtype`` is a key of ``_NUMPY``."""

    name: str
    dtype: str


def read_inputs(
    body: Mapping[str, Json], infos: Mapping[str, TensorInfo]
) -> tuple[dict[str, np.ndarray], bool]:
    """The input arrays by name, and whether the request came in row form.

    Raises:
        RequestError: INVALID_ARGUMENT with TensorFlow Serving's text.
    """
    if "instances" in body and "inputs" in body:
        text = "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist "
        raise RequestError(f"JSON Value: {debug(body)} {text}")
    if "instances" in body:
        return _read_rows(body["instances"], infos), True
    if "inputs" in body:
        return _read_columns(body["inputs"], infos), False
    raise RequestError("Missing 'inputs' or 'instances' key")


def debug(value: Json) -> str:
    """The value as errors quote it, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 200 else text[:200] + "..."


def _read_rows(instances: Json, infos: Mapping[str, TensorInfo]) -> dict[str, np.ndarray]:
    if not isinstance(instances, list):
        raise RequestError(f"JSON Value: {debug(instances)} Expecting 'instances' to be an list/array")
    if not instances:
        raise RequestError("No values in 'instances' array")
    if _is_named(instances[0]):
        return _read_named_rows(instances, infos)
    if len(infos) > 1:
        raise RequestError(
            "instances is a plain list, but expecting list of objects as multiple input tensors "
            "required as per tensorinfo_map"
        )
    name, info = next(iter(infos.items()))
    for index, row in enumerate(instances):
        if _is_named(row):
            raise RequestError(_ROW.format(index) + "Expecting value/list but got object")
    return {name: _stack(instances, info)}


def _read_named_rows(instances: list[Json], infos: Mapping[str, TensorInfo]) -> dict[str, np.ndarray]:
    for index, row in enumerate(instances):
        if not _is_named(row) or row.keys() != infos.keys():
            names = ",".join(sorted(infos))
            raise RequestError(
                _ROW.format(index) + f"JSON object: {debug(row)} keys must be equal to: {names}"
            )
    return {name: _stack([row[name] for row in instances], info) for name, info in infos.items()}


def _read_columns(inputs: Json, infos: Mapping[str, TensorInfo]) -> dict[str, np.ndarray]:
    if not _is_named(inputs):
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


def _stack(values: list[Json], info: TensorInfo) -> np.ndarray:
    """One array of a list of rows; the first row gives the shape of all."""
    if info.dtype == "string" and all(type(value) is str for value in values):
        return np.array(values, dtype=object)
    shape = _shape(values[0])
    expected = math.prod(shape)
    flat: list[Json] = []
    for index, value in enumerate(values):
        if (size := math.prod(_shape(value))) != expected:
            raise RequestError(_ROW.format(index) + f"Expecting tensor size: {expected} but got: {size}")
        try:
            _flatten(value, shape, info.dtype, flat)
        except RequestError as error:
            raise RequestError(_ROW.format(index) + f"Error: {error.code}: {error.message}") from error
    return _numpy(flat, info.dtype).reshape(len(values), *shape)


def _to_array(value: Json, info: TensorInfo) -> np.ndarray:
    if info.dtype == "string" and isinstance(value, list) and all(type(item) is str for item in value):
        return np.array(value, dtype=object)
    shape, flat = _shape(value), list[Json]()
    _flatten(value, shape, info.dtype, flat)
    return _numpy(flat, info.dtype).reshape(shape)


def _shape(value: Json) -> tuple[int, ...]:
    """The shape that the first elements have.

    >>> _shape([[1, 2, 3], [4]])
    (2, 3)
    """
    shape = []
    while isinstance(value, list):
        shape.append(len(value))
        if not value:
            break
        value = value[0]
    return tuple(shape)


def _flatten(value: Json, shape: tuple[int, ...], dtype: str, flat: list[Json], level: int = 0) -> None:
    if level < len(shape):
        if not isinstance(value, list):
            raise RequestError(f"JSON Value: {debug(value)} Encountered value at unexpected level: {level}")
        if len(value) != shape[level]:
            raise RequestError(
                f"Encountered list at unexpected size: {len(value)} at level: {level} "
                f"expected size: {shape[level]}"
            )
        for item in value:
            _flatten(item, shape, dtype, flat, level + 1)
    else:
        flat.append(_scalar(value, dtype))


def _scalar(value: Json, dtype: str) -> Json:
    kind = type(value)
    if dtype == "string":
        if kind is str:
            return value
        if kind is dict and value.keys() == {"b64"} and type(value["b64"]) is str:
            return _decode(value["b64"])
    elif dtype == "bool":
        if kind is bool:
            return value
    elif dtype in ("float", "double", "half"):
        if kind in (int, float):
            return value
    elif kind is int:
        return value
    raise RequestError(
        f"JSON Value: {debug(value)} Type: {_type_name(value)} is not of expected type: {dtype}"
    )


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise RequestError(f"JSON Value: {debug(text)} Unable to base64 decode") from error


def _numpy(flat: list[Json], dtype: str) -> np.ndarray:
    try:
        return np.array(flat, dtype=_NUMPY[dtype])
    except KeyError as error:
        raise RequestError(f"Converting JSON value to tensor failed; type {dtype} isn't supported") from error
    except (OverflowError, ValueError) as error:
        raise RequestError(f"JSON Value: a number is not of expected type: {dtype}") from error


def _is_named(value: Json) -> bool:
    """Whether it is an object of names; a base64 string is an object as well."""
    return isinstance(value, dict) and value.keys() != {"b64"}


def _type_name(value: Json) -> str:
    """The type's name in rapidjson."""
    if isinstance(value, bool):
        return str(value)
    return {dict: "Object", list: "Array", str: "String", type(None): "Null"}.get(type(value), "Number")
