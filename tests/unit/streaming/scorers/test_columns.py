from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from include.streaming.scorer_choices import Output
from include.streaming.scorers.base import Refused
from include.streaming.scorers.columns import json_values, output_columns, tensor

PAIRS = pa.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], pa.list_(pa.float32(), 2))


@pytest.mark.parametrize("start", [0, 1])
def test_fixed_lists_are_a_matrix_whatever_slice_of_a_batch_they_are(start: int) -> None:
    assert tensor(PAIRS.slice(start)).tolist() == PAIRS.slice(start).to_pylist()
    assert json_values(PAIRS.slice(start)).tolist() == PAIRS.slice(start).to_pylist()


def test_texts_are_bytes_in_a_tensor_and_text_in_json() -> None:
    texts = pa.array(["a", "日本"])
    assert tensor(texts).tolist() == [b"a", "日本".encode()]
    assert json_values(texts) == ["a", "日本"]


@pytest.mark.parametrize(
    ("values", "output", "expected"),
    [
        ([1, 2], Output("y"), [1.0, 2.0]),
        (np.array([1, 2], np.float32), Output("y"), [1.0, 2.0]),
        (pa.array([1, 2]), Output("y"), [1.0, 2.0]),
        (["a", "b"], Output("y", type=pa.string()), ["a", "b"]),
        ([1, 2], Output("y", type=pa.int64(), low=1, high=2), [1, 2]),
        ([[1, 2], [3, 4]], Output("y", type=pa.list_(pa.float32(), 2)), [[1.0, 2.0], [3.0, 4.0]]),
    ],
)
def test_answers_become_columns_of_the_declared_type(values: Any, output: Output, expected: list) -> None:
    column = output_columns({"y": values}, (output,), 2)["y"]
    assert column.type == output.type
    assert column.to_pylist() == expected


@pytest.mark.parametrize(
    ("values", "output"),
    [
        ([1.0], Output("y")),
        ([1.0, None], Output("y")),
        ([1.0, float("inf")], Output("y")),
        ([1.0, "x"], Output("y")),
        ([1.0, 2.0], Output("y", high=1.5)),
        ([[1, 2], [3, float("nan")]], Output("y", type=pa.list_(pa.float32(), 2))),
        ([[1, 2, 3], [3, 4, 5]], Output("y", type=pa.list_(pa.float32(), 2))),
        ([[1, 2], [3]], Output("y", type=pa.list_(pa.float32(), 2))),
        ([[1, 2], [3, 9]], Output("y", type=pa.list_(pa.float32(), 2), high=5)),
        (None, Output("y")),
        (7, Output("y")),
    ],
)
def test_what_is_no_answer_is_refused(values: Any, output: Output) -> None:
    with pytest.raises(Refused, match=r".") as refusal:
        output_columns({"y": values}, (output,), 2)
    assert refusal.value.reason == "model answered no y"
