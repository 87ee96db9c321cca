"""Rows of an exported file."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from include.curation.cards import Card
from include.curation.export import COLUMNS, row_of

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def test_a_row_has_every_column_and_its_ids_are_text() -> None:
    card = Card(
        UUID(int=1), "1246810000000000001", None, "x", None, "https://a.org/1", "a.org", UUID(int=2), "live",
        None, 0.9, 1, NOW, NOW, 1, 1, 0.0, "open", None,
    )  # fmt: skip
    row = row_of(card)
    assert tuple(row) == COLUMNS
    assert row["post_id"] == "1246810000000000001"
    assert row["post_url"] == "https://x.com/i/web/status/1246810000000000001"
    assert row["card"] == str(UUID(int=1))
