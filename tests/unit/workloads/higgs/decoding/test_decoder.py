"""Events out of messages: what is read, what is refused and why; a broken one leaves the others alone."""

from __future__ import annotations

import json
import random
from typing import Any

import pyarrow as pa
import pytest

from include.workloads.higgs.base.events import EVENT_ID, FEATURES, UNDEFINED
from include.workloads.higgs.data.messages import message
from include.workloads.higgs.data.synthetic import events
from include.workloads.higgs.decoding.decoder import decode

MADE = events(300, seed=3)[0]


def event(number: int = 0, **changes: Any) -> dict[str, Any]:
    return {EVENT_ID: float(number), **dict(zip(FEATURES, MADE[number].tolist(), strict=True)), **changes}


def raw(number: int = 0, **changes: Any) -> bytes:
    return json.dumps(event(number, **changes)).encode()


def without(name: str) -> bytes:
    return json.dumps({key: value for key, value in event().items() if key != name}).encode()


def decoded(*values: bytes | None) -> tuple[list[int], list[int], dict[int, str]]:
    found = decode(pa.array(values, pa.binary()))
    return found.inputs.column("event_id").to_pylist(), found.rows.to_pylist(), found.refused


REFUSED = {
    b"": "empty",
    b"  ": "not JSON",
    b"{": "not JSON",
    raw()[:-9]: "not JSON",
    raw()[:-9] + b"}": "not JSON",
    raw() + raw(1): "not JSON",
    b"[1]": "not an object",
    b"7": "not an object",
    b"{}": "EventId is missing",
    without("PRI_jet_num"): "PRI_jet_num is missing",
    raw(PRI_met=None): "PRI_met is missing",
    raw(PRI_met="16.8"): "PRI_met is no number",
    raw(PRI_met=True): "PRI_met is no number",
    raw(PRI_met=[1.0]): "PRI_met is no number",
    raw(PRI_met=float("nan")): "PRI_met is not finite",
    raw(PRI_met=float("-inf")): "PRI_met is not finite",
    raw(PRI_met=1).replace(b'"PRI_met": 1,', b'"PRI_met": 1e999,'): "PRI_met is not finite",
    raw(PRI_met=10**400): "PRI_met is not finite",
    raw(EventId="100000"): "EventId is no number",
    raw(EventId=0.5): "EventId is no whole number from 0 to 2^53",
    raw(EventId=-1.0): "EventId is no whole number from 0 to 2^53",
    raw(EventId=1e300): "EventId is no whole number from 0 to 2^53",
    b"\xff" + raw(): "not JSON",
    b'{"a":' * 5000: "not JSON",
}


@pytest.mark.parametrize(("value", "reason"), REFUSED.items(), ids=[*map(str, range(len(REFUSED)))])
def test_what_is_no_event_is_refused_with_its_reason_and_the_others_are_read(
    value: bytes, reason: str
) -> None:
    assert decoded(raw(1), value, raw(2)) == ([1, 2], [0, 2], {1: reason})
    assert decoded(value) == ([], [], {0: reason})


ACCEPTED = {
    "integers": raw(1, EventId=1, PRI_jet_num=2),
    "a field more": raw(1, Weight=0.5, Label="s"),
    "a field that is an object": raw(1, more={"a": {}}),
    "a brace in a text": raw(1, Label="}{"),
    "pretty-printed": json.dumps(event(1), indent=1).encode() + b"\n",
    "twice the same field": raw(1).replace(b"{", b'{"PRI_met": 0, ', 1),
    "an escaped name": raw(1).replace(b"PRI_met_phi", b"PRI\\u005fmet_phi"),
}


@pytest.mark.parametrize("value", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_other_ways_to_write_an_event_give_the_same_numbers(value: bytes) -> None:
    found = decode(pa.array([raw(0), value, raw(2)], pa.binary()))
    plain = decode(pa.array([raw(0), raw(1), raw(2)], pa.binary()))
    changed = {"PRI_jet_num"} if value == ACCEPTED["integers"] else set()
    assert not found.refused
    for name in {"event_id", *FEATURES} - changed:
        assert found.inputs.column(name).equals(plain.inputs.column(name))


def test_undefined_is_a_value_and_no_gap() -> None:
    found = decode(pa.array([raw(DER_mass_MMC=UNDEFINED)], pa.binary()))
    assert found.inputs.column("DER_mass_MMC").to_pylist() == [-999.0]


def test_numbers_keep_their_bits_whichever_way_they_are_read() -> None:
    rng = random.Random(5)
    values = [rng.uniform(-1, 1) * 10 ** rng.randrange(-300, 300) for _ in range(2000)] + [5e-324, -0.0]
    lines = [raw(0, PRI_met=value) for value in values]
    one_by_one = [raw(0, PRI_met=value, more={}) for value in values]
    for form in (lines, one_by_one):
        column = decode(pa.array(form, pa.binary())).inputs.column("PRI_met")
        assert column.equals(pa.array(values, pa.float64()))


def test_any_mixture_gives_each_message_what_it_gets_alone() -> None:
    """Halves that would make an event together, doubles, and broken ones, in every order."""
    whole = raw(3)
    pieces = [
        whole[:200],
        whole[200:],
        raw(4) + raw(5),
        whole + b"x",
        b" ",
        b"{}",
        *REFUSED,
        *ACCEPTED.values(),
    ]
    pieces += [message(number, MADE[number]) for number in range(200)]
    alone = [decode(pa.array([piece], pa.binary())) for piece in pieces]
    for seed in range(5):
        order = list(range(len(pieces)))
        random.Random(seed).shuffle(order)
        together = decode(pa.array([pieces[index] for index in order], pa.binary()))
        assert together.refused == {
            place: alone[index].refused[0] for place, index in enumerate(order) if alone[index].refused
        }
        for row, place in enumerate(together.rows.to_pylist()):
            expected = alone[order[place]].inputs
            assert together.inputs.slice(row, 1).equals(expected)


def test_a_batch_without_an_event_has_the_columns_all_the_same() -> None:
    found = decode(pa.array([None, b"x"], pa.binary()))
    assert found.inputs.schema == decode(pa.array([raw()], pa.binary())).inputs.schema
    assert decode(pa.array([], pa.binary())).inputs.num_rows == 0
