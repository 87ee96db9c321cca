"""Places are told in docs/deletion.md, and what is declared of columns means what it says."""

from __future__ import annotations

import pytest

from include.forgetting.places import PLACES, declared
from include.settings import PROJECT_ROOT


@pytest.mark.parametrize("name", [place.name for place in PLACES])
def test_every_place_is_told(name: str) -> None:
    rows = (PROJECT_ROOT / "docs" / "deletion.md").read_text(encoding="utf-8").splitlines()
    assert [row for row in rows if row.lower().startswith(f"| {name.lower()}")]


@pytest.mark.parametrize(
    ("table", "column", "expected"),
    [
        ("my_prefix_3", "text", True), ("deduplicated_my_prefix_3", "near_duplicate_group", True),
        ("my_prefix_x", "text", False), ("raw_tweet_dataset_3", "text", False),
        ("train_dataset_3", "notes", False), ("label_event", "text", True), ("label_event", "texts", False),
        ("stream_stage_ai_tweets$ab_1_rows", "anything", True), ("golden", "text", False),
    ],
)  # fmt: skip
def test_a_declaration_is_of_whole_names(table: str, column: str, expected: bool) -> None:
    assert declared("my_prefix")(table, column) is expected
