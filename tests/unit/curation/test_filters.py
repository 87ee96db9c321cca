"""A filter and its address are the same thing, whoever wrote the address."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl, urlencode

import pytest

from include.curation.filters import LONGEST, Filter

FULL = Filter('"a b" -c', "pt-BR", "a.example", "dump", date(2026, 1, 2), date(2026, 1, 3), 0.25, "hidden")


@pytest.mark.parametrize("wanted", [Filter(), FULL, Filter(p=0.0), Filter(q="x=1&y=2#z", state="wrong")])
def test_an_address_gives_the_filter_back(wanted: Filter) -> None:
    assert Filter.of_address(dict(parse_qsl(urlencode(wanted.address())))) == wanted


@pytest.mark.parametrize(
    "value",
    ["", "\x00", "nan", "inf", "-1", "1e999", "2026-13-01", "x" * 100_000, "'; DROP TABLE x", "\u202e"],
)
def test_nonsense_in_an_address_harms_nothing(value: str) -> None:
    found = Filter.of_address(dict.fromkeys((*Filter.__dataclass_fields__, "__class__"), value))
    assert (found.source, found.state, found.since, found.p) == ("live", "open", None, None)
    assert len(found.q) <= LONGEST
    assert "\x00" not in found.q
