"""Ids as spreadsheets and data frames write them: a guard is taken off, lost digits are noticed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from include.posts.fast_parse import read_light
from include.posts.parse import parse_post
from include.posts.post import PostError
from include.posts.values.ids import RoundedIds, is_mangled, plain_id

WHOLE = "1240291123456789123"
GUARDED = [
    f'="{WHOLE}"', f"'{WHOLE}", f"'{WHOLE}'", f'"{WHOLE}"', f"={WHOLE}", f'"=""{WHOLE}"""', f"“{WHOLE}”",
    f" {WHOLE}\t", f"\ufeff{WHOLE}", f"\u00a0{WHOLE}", f"‘{WHOLE}’", f'"\'{WHOLE}"', f"`{WHOLE}",
]  # fmt: skip
MANGLED = [
    "1.24E+18", "1.24e+18", "1.24E18", "1,24E+18", "1E+18", "1.E+18", "124e16", "1.2402911234567e+018",
    "1240291123456700000.0", "1240291123456700000.00", "1240291123456700000.", "1240291123456700000,0",
    "17.0",
    "1,240,291,123,456,789,123", "1.240.291.123.456.789.123", "1 240 291 123 456 789 123", "-1.24E+18",
    "1'240'291'123'456'789'123", "nan", "NaN", "None", "NULL", "inf", "########", "#NUM!",
    '="1.24E+18"', "'17.0",
]  # fmt: skip
OTHERS = [
    WHOLE, "1", "0", "at://did:plc:a/app.bsky.feed.post/3k", "t3_1e5", "910001-test-0",
    "5f3e9a10c4d2b8e7a1f00001",
    "12345678e12", "1355517523.000005", "elsewhere", "1,2", "v1.2.3", "'quoted'", "Nano", "#1",
]  # fmt: skip


@pytest.mark.parametrize("identifier", GUARDED)
def test_a_guard_is_taken_off(identifier: str) -> None:
    assert not is_mangled(identifier)
    assert plain_id(identifier) == WHOLE
    row = json.dumps({"id_str": identifier, "text": "a"}).encode()
    assert parse_post(row).id == read_light(row).id == WHOLE


@pytest.mark.parametrize("identifier", [*MANGLED, 1.5, 1.24e18, 17.0])
def test_what_lost_digits_is_no_id_in_any_form(identifier: str | float) -> None:
    assert is_mangled(identifier)
    payload: dict[str, Any]
    for payload in (
        {"id_str": identifier, "text": "a"},
        {"id_str": identifier, "text": "a", "entities": {}},
        {"id": identifier, "text": "a"},
        {"id": identifier, "text": "a", "edit_history_tweet_ids": ["1"]},
        {"data": {"id": identifier, "text": "a"}},
        {"id_str": identifier, "id": 17, "text": "a"},
    ):
        for read in (parse_post, read_light):
            with pytest.raises(PostError, match="no id" if isinstance(identifier, float) else "bad id"):
                read(json.dumps(payload).encode())


@pytest.mark.parametrize("identifier", OTHERS)
def test_other_ids_stay_as_they_are(identifier: str) -> None:
    assert not is_mangled(identifier)
    assert plain_id(identifier) == identifier


def test_a_rounded_number_beside_a_whole_text_does_no_harm() -> None:
    row = json.dumps({"id": 1.2402911234567e18, "id_str": WHOLE, "text": "a", "entities": {}}).encode()
    assert parse_post(row).id == read_light(row).id == WHOLE


@pytest.mark.parametrize(
    ("ids", "rounded"),
    [
        (["1240291123456780000", "1240291123456790000"], True),
        (["1240291123456789000", "1240291123456789100", "1240291123456789200", "1240291123456789300"], True),
        (["1240291123456789000", "1240291123456789100", "1240291123456789200"], False),
        (["1240291123456780000"] * 9, False),
        (["1240291123456780000", "1240291123456790000", WHOLE], False),
        (["100000", "200000", "at://a"] * 9, False),
        ([], False),
    ],
)
def test_ids_that_all_end_in_zeros_were_rounded(ids: list[str], rounded: bool) -> None:
    watch = RoundedIds()
    for one in ids:
        watch.add(one)
    assert (watch.example() is not None) is rounded


def test_a_long_id_is_read_in_linear_time() -> None:
    for letter in ("1", "1,", "=", '"', "#", "1.", "e+1"):
        assert plain_id(letter * 200_000) is not None
        assert is_mangled(letter * 200_000) in (True, False)
