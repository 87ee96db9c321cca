"""The drill's messages: each event is one, each broken one is none, of four kinds."""

from __future__ import annotations

import pyarrow as pa

from include.workloads.higgs.decoding.decoder import decode
from include.workloads.higgs.samples import samples


def test_events_are_events_and_broken_ones_are_none() -> None:
    found = samples()
    numbers = range(7, 407, 100)
    good = decode(pa.array([found.valid(number) for number in numbers], pa.binary()))
    assert good.inputs.column("event_id").to_pylist() == list(numbers)
    bad = decode(pa.array([found.malformed(number) for number in numbers], pa.binary()))
    assert bad.refused == {
        0: "not JSON",
        1: "PRI_met_sumet is missing",
        2: "DER_mass_vis is not finite",
        3: "EventId is no number",
    }
    assert found.valid(1007) == found.valid(1007) != found.valid(7)
