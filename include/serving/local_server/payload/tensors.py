"""Nested lists of a request's JSON to arrays, after ``FillTensorProto`` of TensorFlow Serving."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from include.serving.local_server.payload.errors import RequestError
from include.serving.local_server.payload.json_values import Json, decode_base64, quoted, type_error

NUMPY: dict[str, type[np.generic]] = {
    "float": np.float32,
    "double": np.float64,
    "int8": np.int8,
    "int16": np.int16,
    "int32": np.int32,
    "int64": np.int64,
    "uint8": np.uint8,
    "uint32": np.uint32,
    "uint64": np.uint64,
    "bool": np.bool_,
    "string": np.object_,
}
"""The types that JSON can be converted to, by the names that TensorFlow Serving prints."""
_TAKEN: dict[str, set[type]] = {
    "string": {str},
    "bool": {bool},
    "float": {int, float},
    "double": {int, float},
}
MOST_DIMENSIONS = 64
"""Of an array of numpy; TensorFlow has 254."""


@dataclass(frozen=True)
class TensorInfo:
    """One tensor of a signature; ``dtype`` as TensorFlow Serving prints it, such as ``float``."""

    name: str
    dtype: str


def shape_of(value: Json) -> tuple[int, ...]:
    """The shape that the first elements have.

    Raises:
        RequestError: more dimensions than an array can have.

    >>> shape_of([[1, 2, 3], [4]])
    (2, 3)
    """
    shape = list[int]()
    while isinstance(value, list):
        shape.append(len(value))
        if len(shape) > MOST_DIMENSIONS:
            raise RequestError(f"tensor parsing error: more than {MOST_DIMENSIONS} dimensions")
        if not value:
            break
        value = value[0]
    return tuple(shape)


def flat_values(value: Json, shape: tuple[int, ...], dtype: str) -> list[Json]:
    """The elements of nested lists in order, each checked to be of the type.

    Raises:
        RequestError: an element of another type, or the lists haven't that shape.
    """
    flat = list[Json]()
    _flatten(value, shape, dtype, flat)
    return flat


def to_array(flat: list[Json], shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """The array of ``flat_values``.

    Raises:
        RequestError: a number is too large for the type, or the array has too many dimensions.
    """
    if dtype not in NUMPY:
        raise _unknown([], dtype)
    try:
        with np.errstate(over="ignore"):  # a double beyond float's range is infinite
            array = np.array(flat, dtype=NUMPY[dtype])
        return array.reshape(shape)
    except OverflowError as error:
        info = np.iinfo(np.dtype(dtype))
        beyond = next(number for number in flat if not info.min <= number <= info.max)
        raise type_error(beyond, dtype) from error
    except ValueError as error:
        raise RequestError(f"tensor parsing error: {error}") from error


def _flatten(value: Json, shape: tuple[int, ...], dtype: str, flat: list[Json], level: int = 0) -> None:
    rank = len(shape)
    if not isinstance(value, list):
        if level != rank:
            raise RequestError(
                f"JSON Value: {quoted(value)} found at incorrect level: {level + 1} in the JSON DOM. "
                f"Expected at level: {rank}"
            )
        flat.append(_element(value, dtype))
        return
    if level >= rank:
        raise RequestError(f"Encountered list at unexpected level: {level} expected < {rank}")
    if len(value) != shape[level]:
        raise RequestError(
            f"Encountered list at unexpected size: {len(value)} at level: {level} "
            f"expected size: {shape[level]}"
        )
    if level == rank - 1 and set(map(type, value)) <= _taken_as_they_are(dtype):
        flat.extend(value)
        return
    for item in value:
        _flatten(item, shape, dtype, flat, level + 1)


def _taken_as_they_are(dtype: str) -> set[type]:
    if dtype not in NUMPY:
        return set()
    return _TAKEN.get(dtype, {int})


def _element(value: Json, dtype: str) -> Json:
    if dtype not in NUMPY:
        raise _unknown(value, dtype)
    if dtype == "string" and isinstance(value, dict):
        return decode_base64(value)
    if type(value) in _taken_as_they_are(dtype):
        return value
    raise type_error(value, dtype)


def _unknown(value: Json, dtype: str) -> RequestError:
    return RequestError(f"Conversion of JSON Value: {quoted(value)} to type: {dtype}", "UNIMPLEMENTED")
