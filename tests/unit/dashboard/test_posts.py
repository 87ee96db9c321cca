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
