"""Arrays to the JSON of answers."""

from __future__ import annotations

import numpy as np
import pytest

from include.serving.local_server.payload.errors import RequestError
from include.serving.local_server.payload.response_tensors import write_outputs


def test_one_output_is_bare_and_several_are_named() -> None:
    one, two = {"y": np.array([1, 2])}, {"y": np.array([1, 2]), "raw_bytes": np.array([b"a", b"b"], object)}
    assert write_outputs(one, rows=True)["predictions"].tolist() == [1, 2]
    assert write_outputs(two, rows=True)["predictions"][0] == {"y": 1, "raw_bytes": {"b64": "YQ=="}}
    assert write_outputs(two, rows=False)["outputs"].keys() == {"y", "raw_bytes"}


@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize("dtype", ["complex64", "complex128", "float16", "uint16"])
def test_a_type_without_a_form_in_json_is_named(dtype: str, rows: bool) -> None:
    outputs = {"a": np.zeros(2), "b": np.zeros(2, dtype)}
    name = "half" if dtype == "float16" else dtype
    for some in (outputs, {"b": outputs["b"]}):
        with pytest.raises(RequestError, match=f"Failed to write JSON value for tensor type: {name}"):
            write_outputs(some, rows=rows)
    assert write_outputs({"b": outputs["b"][:0]}, rows=rows).popitem()[1] == []


def test_scalars_are_columns_and_no_rows() -> None:
    scalars = {"text": np.array(b"a", object), "raw_bytes": np.array(b"\xff", object), "n": np.array(2.5)}
    written = write_outputs(scalars, rows=False)["outputs"]
    assert written == {"text": "a", "raw_bytes": {"b64": "/w=="}, "n": np.array(2.5)}
    for name, array in scalars.items():
        with pytest.raises(RequestError, match=f"{name} has no shape information"):
            write_outputs({name: array}, rows=True)


def test_no_outputs_are_no_answer() -> None:
    with pytest.raises(RequestError, match="Cannot convert empty tensor map to JSON"):
        write_outputs({}, rows=True)


def test_bytes_that_are_no_utf8_stay() -> None:
    (text,) = write_outputs({"s": np.array([b"\xff\xc3\xa9"], object)}, rows=True)["predictions"]
    assert text.encode("utf-8", "surrogateescape") == b"\xff\xc3\xa9"


def test_outputs_of_unequal_length_have_no_rows() -> None:
    outputs = {"a": np.zeros(2), "b": np.zeros(3)}
    with pytest.raises(RequestError, match="inconsistent batch size: 3 expecting: 2"):
        write_outputs(outputs, rows=True)
    assert write_outputs(outputs, rows=False)["outputs"].keys() == {"a", "b"}
