"""The HTML of posts and chips: nothing from outside is markup."""

from __future__ import annotations

import doctest
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest

from include.annotation.queues.item import Item
from include.annotation.suggestion import Suggestion
from streamlit_apps.tagger import identity, quality_page, rendering, team_progress
from streamlit_apps.tagger.rendering import chips_html, marks_html, openable, post_html

HOSTILE = """<img src=x onerror="alert('AI')"> & </div><script>"""


@pytest.mark.parametrize(
    "module", [identity, quality_page, rendering, team_progress], ids=lambda module: module.__name__
)
def test_the_examples_hold(module: ModuleType) -> None:
    failed, tried = doctest.testmod(module)
    assert (failed, tried > 0) == (0, True)


def test_a_post_is_text_however_it_is_marked() -> None:
    html = post_html(HOSTILE, ["AI", "img src", "</div>"], HOSTILE)
    body = html.removeprefix('<div class="ts-post" dir="auto" data-item="').removesuffix("</div>")
    for own in ("<mark>", "</mark>"):
        body = body.replace(own, "")
    assert body.count("<") == 0
    assert body.count(">") == 1  # the end of our own tag
    assert "&lt;<mark>img src</mark>=x onerror=&quot;alert(&#x27;<mark>AI</mark>&#x27;)" in html


def test_names_of_people_and_languages_are_text() -> None:
    item = Item(uuid4(), "ann", 1, "random", "hash", "1", "text", HOSTILE, (), (HOSTILE,), True)
    chips = chips_html(Suggestion(labels={HOSTILE: 1, "bob": 0, "cyd": "flag"}, for_ai=(HOSTILE,)))
    for html in (marks_html(item), chips):
        assert "<img" not in html
        assert "<script" not in html
    assert "bob: not AI" in chips
    assert "cyd: flag" in chips


def test_a_chip_says_what_its_function_asks() -> None:
    scores: dict[str, Any] = {"weak_probability": 0.25, "model_probability": 0.75, "model_version": 3}
    html = chips_html(Suggestion(for_ai=("is_ai_tweet",), **scores))
    assert 'class="ts-chip ai" title="AI where a keyword stands anywhere, as a word or as a hashtag."' in html
    assert 'class="ts-chip not" title="probability of AI">weak label 0.25<' in html
    assert "model 3 0.75" in html


def test_only_web_links_open_each_once() -> None:
    web = ["https://a.org/x", "http://b.org/" + "y" * 99]
    links = [web[0], web[0], "file:///etc/passwd", "data:text/html,x", web[1]]
    assert [link for _, link in openable(links)] == web
    assert all(len(name) < 120 for name, _ in openable(links))
