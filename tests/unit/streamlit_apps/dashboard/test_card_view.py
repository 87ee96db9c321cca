"""Cards as HTML: hostile text is plain and bounded, what is not known is left out."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from include.curation.cards import Card
from include.curation.filters import Filter
from include.curation.novelty import Novelty
from include.curation.threshold import InService
from include.curation.walk import Walk
from streamlit_apps.dashboard.repost.card_view import card_html, list_html
from tests.support.curation import hostile

NOW = datetime.now(UTC)
TAGS = re.compile(r"<(/?[a-z0-9]+)")


def card(**values: Any) -> Card:
    given: dict[str, Any] = {
        "card": UUID(int=1), "post_id": "t3_x", "author": None, "text": "x", "lang": None,
        "link": "https://a.org/1", "domain": None, "twin": UUID(int=2), "origin": "live",
        "written_at": None, "probability": 0.8, "model_version": 1, "first_seen": NOW, "last_seen": NOW,
        "posts": 1, "ai_posts": 1, "rank": 0.0, "state": "open", "decided_at": None,
    }  # fmt: skip
    return Card(**given | values)


def walk() -> Walk:
    return Walk(Filter(), InService(1, 0.5), Novelty())


def test_what_a_source_lacks_is_left_out() -> None:
    shown = card_html(card(), "s")
    assert "None" not in shown
    assert "account" not in shown
    assert "the post" not in shown
    full = card_html(card(author="7", lang="en", domain="a.org", written_at=NOW, post_id="17"), "s")
    assert all(part in full for part in ("account 7", " en ", "a.org", "written", "the post"))


@pytest.mark.parametrize("field", ["text", "lang", "domain", "author"])
def test_hostile_text_is_text(field: str) -> None:
    shown = card_html(card(**{field: hostile.POST}), "s") + list_html([card(**{field: hostile.POST})], walk())
    assert set(TAGS.findall(shown)) <= {"div", "/div", "a", "/a", "span", "/span", "ol", "/ol", "li", "/li",
                                        "b", "/b", "bdi", "/bdi"}  # fmt: skip
    assert "\u202e" not in shown


@pytest.mark.parametrize("link", ["javascript:alert(1)", 'https://a.org/"onclick="x', "https://[x", "data:x"])
def test_a_hostile_link_is_no_script(link: str) -> None:
    shown = card_html(card(link=link), "s")
    assert 'href="javascript' not in shown
    assert 'href="data' not in shown
    assert '"onclick' not in shown


def test_a_megabyte_is_bounded() -> None:
    huge = card(
        text="ä" * 1_000_000, link="https://a.org/" + "x" * 10_000, author="7" * 9_999, lang="x" * 9_999
    )
    assert len(card_html(huge, "s")) < 20_000
    assert len(list_html([huge] * 10, walk())) < 20_000
