"""A model that is Python code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pytest

from include.streaming.scorer_choices import InProcess, Output
from include.streaming.scorers.in_process import InProcessScorer, ModelBroken
from tests.support.streaming.scorers import texts

loaded: list[int] = []


def inverse(scale: float) -> Callable[[pa.RecordBatch], Mapping[str, Any]]:
    """A model that divides by its input."""
    loaded.append(1)
    return lambda inputs: {"y": [scale / int(text) for text in inputs.column("text").to_pylist()]}


def scorer(probe: str = "1", batch: int = 4) -> InProcessScorer:
    declared = InProcess(f"{__name__}:inverse", (Output("y"),), {"text": probe}, "v1", batch=batch)
    return InProcessScorer(declared, {"options": {"scale": 2.0}})


def test_it_is_loaded_once_and_a_row_it_fails_on_is_found() -> None:
    loaded.clear()
    made = scorer()
    made.warm()
    scores = made.score(texts("1", "2", "x", "4", "0", "8"))
    assert scores.outputs["y"].to_pylist() == [2.0, 1.0, None, 0.5, None, 0.25]
    assert scores.refused == {2: "model failed: ValueError", 4: "model failed: ZeroDivisionError"}
    assert scores.versions.to_pylist() == ["v1", "v1", None, "v1", None, "v1"]
    assert len(loaded) == 1


def test_one_that_fails_on_its_probe_blames_no_row() -> None:
    made = scorer(probe="0")
    assert "fails on its probe" in (made.ready() or "")
    with pytest.raises(ModelBroken):
        made.score(texts("0"))


def test_ready_tells_why_it_does_not_load() -> None:
    declared = InProcess("no_such_module:f", (Output("y"),), {"text": "1"}, "v1")
    assert "No module named 'no_such_module'" in (InProcessScorer(declared, {"options": {}}).ready() or "")
