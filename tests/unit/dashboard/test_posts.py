"""Classified posts as rows of a table."""

from __future__ import annotations

from datetime import UTC, datetime

from include.dashboard.posts import table_rows

NOW = datetime.now(UTC)


def test_rows_show_a_post_once_and_only_links_that_can_be_followed() -> None:
    post = {
        "id": "7", "text": "<b>x</b>", "probability": 0.5, "lang": None, "created_at": None,
        "arrived_at": NOW, "model_version": 1,
        "links": ["javascript:alert(1)", "https://www.a.example/x", "http://b.example/"],
    }  # fmt: skip
    (row,) = table_rows([post, {**post, "topic": "other"}])
    assert (row["link"], row["domain"], row["more_links"]) == (
        "https://www.a.example/x", "a.example", ["http://b.example/"],
    )  # fmt: skip
    assert row["permalink"] == "https://x.com/i/web/status/7"
    assert row["text"] == "<b>x</b>"


def test_stored_links_are_shown_without_characters_that_turn_the_writing() -> None:
    post = {
        "id": "7", "text": "x", "probability": 0.5, "lang": None, "created_at": None, "arrived_at": NOW,
        "model_version": 1,
        "links": ["https://a.example/\u202egpj.exe", "https://b.example/\u2067x\u061c", "https://c.example/é"],
    }  # fmt: skip
    (row,) = table_rows([post])
    assert row["link"] == "https://a.example/%E2%80%AEgpj.exe"
    assert row["more_links"] == ["https://b.example/%E2%81%A7x%D8%9C", "https://c.example/é"]


def test_what_a_page_does_not_get_is_counted() -> None:
    post = {
        "id": "7", "text": "x" * 5_000, "characters": 1_000_000, "probability": 0.5, "lang": None,
        "created_at": None, "arrived_at": NOW, "model_version": 1, "link_count": 10_000,
        "links": [f"https://e.org/{number}" for number in range(20)],
    }  # fmt: skip
    (row,) = table_rows([post])
    assert row["more_links"][-2:] == ["https://e.org/19", "and 9,980 more"]
    assert row["text"].endswith("x… and 995,000 more characters")
