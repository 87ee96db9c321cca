"""The JSON of requests to arrays; the integration tests have the full table of errors."""

from __future__ import annotations

import numpy as np
import pytest

from include.serving.local_server.payload.errors import RequestError
from include.serving.local_server.payload.request_tensors import read_inputs
from include.serving.local_server.payload.tensors import TensorInfo

TEXT = {"text": TensorInfo("text", "string")}


@pytest.mark.parametrize(
    "body", [{"instances": ["a", "b"]}, {"inputs": ["a", "b"]}, {"inputs": {"text": ["a", "b"]}}]
)
def test_forms_of_one_input(body: dict) -> None:
    arrays, rows = read_inputs(body, TEXT)
    assert arrays["text"].tolist() == ["a", "b"]
    assert rows == ("instances" in body)


def test_nested_rows() -> None:
    arrays, _ = read_inputs({"instances": [[[1, 2]], [[3, 4.5]]]}, {"x": TensorInfo("x", "float")})
    assert arrays["x"].shape == (2, 1, 2)
    assert arrays["x"].dtype == np.float32


def test_a_scalar_and_an_empty_list_in_columns() -> None:
    infos = {"x": TensorInfo("x", "int32")}
    assert read_inputs({"inputs": 3}, infos)[0]["x"].shape == ()
    assert read_inputs({"inputs": []}, infos)[0]["x"].shape == (0,)


@pytest.mark.parametrize(
    ("dtype", "value"), [("int32", 2**31), ("int8", 200), ("uint8", -1), ("int64", 2**70)]
)
def test_a_number_too_large_is_refused_by_name(dtype: str, value: int) -> None:
    with pytest.raises(
        RequestError, match=f"JSON Value: {value} Type: Number is not of expected type: {dtype}"
    ):
        read_inputs({"inputs": [value]}, {"x": TensorInfo("x", dtype)})
