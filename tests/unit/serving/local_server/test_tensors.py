"""JSON values to arrays and back; the full table of errors is in the conformance tests."""

from __future__ import annotations

import numpy as np
import pytest

from include.serving.local_server.errors import RequestError
from include.serving.local_server.tensors import TensorInfo, read_inputs, write_outputs

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
def test_a_number_too_large_is_refused(dtype: str, value: int) -> None:
    with pytest.raises(RequestError, match=f"not of expected type: {dtype}"):
        read_inputs({"inputs": [value]}, {"x": TensorInfo("x", dtype)})


def test_outputs_of_unequal_length_have_no_rows() -> None:
    outputs = {"a": np.zeros(2), "b": np.zeros(3)}
    with pytest.raises(RequestError, match="inconsistent batch size: 3 expecting: 2"):
        write_outputs(outputs, rows=True)
    assert write_outputs(outputs, rows=False)["outputs"].keys() == {"a", "b"}
