from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest

from include.settings import Settings
from include.streaming.decoding import decoded
from include.streaming.results import POSITION, BadWorkload, Results
from include.streaming.scorer_choices import InProcess, Output, TfServing
from include.streaming.traffic_shares import BadShares
from include.streaming.workload import Route, Transform, Workload

RESULTS = Results(pa.schema([*POSITION, pa.field("y", pa.float64())]), "t")
LOCAL = InProcess("m:f", (Output("y"),), {"x": 1}, "1")
SERVED = TfServing(lambda settings: "m", {"x": "x"}, (Output("y"),), {"x": 1})


def declared(**changes: Any) -> Workload:
    parts: dict[str, Any] = {
        "decode": lambda values: decoded([], {}, {}),
        "scorers": {"one": LOCAL, "other": LOCAL},
        "results": RESULTS,
    }
    return Workload("w", topics=lambda settings: ("a",), **parts | changes)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"scorers": {}}, "at least one scorer"),
        ({"decode": None}, "give decode"),
        ({"transform": Transform(lambda frame, settings: frame)}, "not both"),
        ({"sinks": ()}, "at least one sink"),
        ({"route": Route("x", {"nobody": 1.0})}, "scorers it does not have: nobody"),
        ({"promoted": True, "route": Route("x")}, "only a model behind"),
        ({"promoted": True, "scorers": {"one": SERVED}}, "route without shares"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(changes: Mapping[str, Any], why: str) -> None:
    with pytest.raises(BadWorkload, match=f"workload 'w': .*{why}"):
        declared(**changes)


def test_shares_that_are_not_parts_of_1_are_refused() -> None:
    with pytest.raises(BadShares):
        declared(route=Route("x", {"one": 0.5, "other": 0.6}))


@pytest.mark.parametrize("name", ["", "Upper", "1st", "a-b", "a" * 25, "a b"])
def test_a_name_that_no_table_can_carry_is_refused(name: str) -> None:
    with pytest.raises(BadWorkload, match="a name is"):
        Workload(name, lambda settings: ("a",), RESULTS, transform=Transform(lambda frame, settings: frame))


def test_the_checkpoint_is_the_workloads_own(settings: Settings) -> None:
    folder = declared(checkpoint=3).checkpoint_dir(settings)
    assert folder == settings.state_dir / "checkpoints" / "w" / "v3"
