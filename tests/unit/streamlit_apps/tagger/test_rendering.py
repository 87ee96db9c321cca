"""The HTML of posts and chips: nothing from outside is markup."""

from __future__ import annotations

import doctest
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest

from include.annotation.queues.item import Item
from include.annotation.suggestion import Suggestion
from streamlit_apps.tagger import browser, identity, quality_page, rendering, team_progress
from streamlit_apps.tagger.rendering import chips_html, marks_html, openable, post_html

HOSTILE = """<img src=x onerror="alert('AI')"> & </div><script>"""


@pytest.mark.parametrize(
    "module", [browser, identity, quality_page, rendering, team_progress], ids=lambda module: module.__name__
)
def test_the_examples_hold(module: ModuleType) -> None:
    failed, tried = doctest.testmod(module)
    assert (failed, tried > 0) == (0, True)


def test_a_post_is_text_however_it_is_marked() -> None:
    html = post_html(HOSTILE, ["AI", "img src", "</div>"], HOSTILE)
    body = html.removeprefix('<div class="ts-post"').removesuffix("</div>")
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
    links = [web[0], web[0], "file:///etc/passwd", "data:text/html,x", "http://[x", "https:", web[1]]
    shown, more = openable(links, len(links))
    assert [link for _, link in shown] == web
    assert more == 0
    assert all(len(name) < 120 for name, _ in shown)


def test_what_turns_text_around_is_shown_and_not_obeyed() -> None:
    assert ">RLO</span>gnp.exe" in post_html("\u202egnp.exe")
    assert "\u202e" not in post_html("a\u202eAI", ["AI"])
    ((name, link),), _ = openable(["https://e.org/\u202egnp"])
    assert link == "https://e.org/\u202egnp"
    assert "\u202e" not in name
    assert post_html("\u2067\u05d0\u2069").endswith(
        ">\u2067\u05d0\u2069</div>"
    )  # isolates belong to a script


@pytest.mark.parametrize("lang", ["en", "zh-Hant"])
def test_a_language_is_told_to_who_speaks_the_post(lang: str) -> None:
    assert f' lang="{lang}"' in post_html("x", lang=lang)


@pytest.mark.parametrize("lang", ["", None, 'en" onclick="alert(1)', "en\n", "x" * 99])
def test_what_is_no_language_is_not_told(lang: str | None) -> None:
    assert " lang=" not in post_html("x", lang=lang)


def test_a_long_post_is_cut_and_says_so() -> None:
    item = Item(uuid4(), "ann", 1, "random", "hash", "1", "ç" * 6_234, "y" * 99, (), ("k",) * 99, False)
    assert post_html(item.text).count("ç") == 5_000
    marks = marks_html(item)
    assert "the last 1,234 characters are not shown" in marks
    assert "and 79 more" in marks
    assert len(marks) < 250


@pytest.mark.parametrize("name", ["", " \t", "x" * 81, "ann\u202eb", "a\u200bnn", "a\x00b"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        identity.as_name(name)


def test_a_name_has_one_spelling() -> None:
    assert identity.as_name(" Rene\u0301  D. ") == identity.as_name("Ren\u00e9 D.")


def test_a_post_of_ten_thousand_links_and_a_megabyte_is_shown_in_part_and_the_rest_counted() -> None:
    shown, more = openable([f"https://e.org/{number}" for number in range(10_000)] * 2)
    assert ([link for _, link in shown], more) == ([f"https://e.org/{number}" for number in range(8)], 9_992)
    assert len(post_html("<&" * 500_000, ["AI"] * 10_000)) < 100_000
