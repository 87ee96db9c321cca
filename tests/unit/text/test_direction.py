"""No link holds a character that turns the direction of writing, whichever way it was found."""

from __future__ import annotations

from urllib.parse import quote

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.posts.fast_parse import light_of, read_light
from include.posts.links import canonical_link, urls_in
from include.posts.parse import parse_post
from include.text.direction import without_direction

TURNS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
PLACES = (
    "https://a.example/x{}gpj.exe", "https://a.ex{}ample/x", "https://a.example/?q={}b", "https://a.example/#!/{}b",
    "{}https://a.example/x{}", "https://a.example:80{}80/x", "https://me{}@a.example/x", "https://a.example{}",
    "see (https://a.example/x{}), ok", "https://t.co/abcdefghij{}x", "ht{}tps://a.example/x",
)  # fmt: skip


def turns(links: object) -> bool:
    return any(turn in link for link in links for turn in TURNS)  # type: ignore[attr-defined]


def payloads(url: str) -> list[dict[str, object]]:
    listed = {"urls": [{"url": "https://t.co/abcdefghij", "expanded_url": url}], "hashtags": []}
    return [
        {"id_str": "1", "text": url},
        {"id_str": "1", "text": "x https://t.co/abcdefghij", "entities": listed},
        {"id_str": "1", "text": url, "entities": {"urls": [], "hashtags": []}},
        {"data": {"id": "1", "text": "x https://t.co/abcdefghij", "entities": listed}},
    ]


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("place", PLACES)
def test_no_link_holds_one(turn: str, place: str) -> None:
    for sign in (turn, quote(turn), turn + "é", turn + turn):
        url = place.format(*[sign] * place.count("{}"))
        assert not turns(urls_in(url))
        assert not turns([canonical_link(url) or ""])
        for payload in payloads(url):
            raw = orjson.dumps(payload)
            found = read_light(raw)
            assert found == light_of(parse_post(raw))
            assert not turns(found.links), found.links


@given(st.text(st.sampled_from(TURNS + "/?#=&.%ab:@-é٣א"), max_size=20))
def test_nor_one_made_of_anything(rest: str) -> None:
    url = f"https://a.example/{rest}"
    assert not turns([*urls_in(url), canonical_link(url) or "", without_direction(url)])


def test_what_is_no_link_stays() -> None:
    assert without_direction("שלום\u200f!") == "שלום\u200f!"
