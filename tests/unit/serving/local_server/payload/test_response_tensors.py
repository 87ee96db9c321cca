"""Arrays to the JSON of answers."""

from __future__ import annotations

import numpy as np
import pytest

from include.serving.local_server.errors import RequestError
from include.serving.local_server.response_tensors import write_outputs


def test_one_output_is_bare_and_several_are_named() -> None:
    one, two = {"y": np.array([1, 2])}, {"y": np.array([1, 2]), "raw_bytes": np.array([b"a", b"b"], object)}
    assert write_outputs(one, rows=True)["predictions"].tolist() == [1, 2]
    assert write_outputs(two, rows=True)["predictions"][0] == {"y": 1, "raw_bytes": {"b64": "YQ=="}}
    assert write_outputs(two, rows=False)["outputs"].keys() == {"y", "raw_bytes"}


def test_outputs_of_unequal_length_have_no_rows() -> None:
    outputs = {"a": np.zeros(2), "b": np.zeros(3)}
    with pytest.raises(RequestError, match="inconsistent batch size: 3 expecting: 2"):
        write_outputs(outputs, rows=True)
    assert write_outputs(outputs, rows=False)["outputs"].keys() == {"a", "b"}
