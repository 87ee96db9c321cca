"""When a reading is trouble, and when it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from include.settings import Settings
from include.streaming.monitor.rules import MOST_ERRORS, troubles
from include.streaming.monitor.snapshot import Reading

WELL = Reading(
    workload="ai_tweets", at=datetime(2026, 1, 1, tzinfo=UTC), wanted=True, status="running", silence=1.0,
    lag=10, lag_by_partition={}, stuck=0.5, since_commit=0.5, posts=1000, dead_letters=10,
    posts_per_minute=200, input_rate=None, process_rate=None, batch_posts=0,
)  # fmt: skip
SETTINGS = Settings(_env_file=None)


def kinds(**changes: object) -> list[str]:
    return [trouble.kind for trouble in troubles(replace(WELL, **changes), SETTINGS)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"silence": 31.0}, ["query ended"]),
        ({"silence": 31.0, "wanted": False}, []),
        ({"silence": None, "status": None}, []),
        ({"stuck": 121.0}, ["no progress"]),
        ({"stuck": 121.0, "lag": None, "status": "waiting for the broker"}, ["no progress"]),
        ({"stuck": 121.0, "wanted": False}, []),
        ({"lag": 1_000_001}, ["lag"]),
        ({"posts": 80, "dead_letters": 20}, ["dead letters"]),
        ({"posts": 1, "dead_letters": 9}, []),
        ({"silence": 500.0, "stuck": 500.0, "lag": 2_000_000}, ["query ended", "no progress", "lag"]),
    ],
)
def test_each_rule_speaks_for_itself(changes: dict[str, object], expected: list[str]) -> None:
    assert kinds(**changes) == expected


def test_each_different_error_of_the_source_is_a_trouble_of_its_own() -> None:
    raw = (
        b'{"errors": [{"title": "disk full"}]}',
        b'{"status": "error", "message": "line\\nbreak"}',
        b'{"errors": [{"title": "disk full"}]}',
        b'\xef\xbb\xbf{"errors": [{}]}',
    )
    found = troubles(replace(WELL, source_errors=raw), SETTINGS)
    assert [trouble.subject for trouble in found] == [
        "disk full", "error: line break", "an error in broken JSON",
    ]  # fmt: skip


def test_a_flood_of_different_errors_is_one_trouble() -> None:
    raw = tuple(b'{"errors": [{"title": "number %d"}]}' % number for number in range(MOST_ERRORS + 1))
    assert kinds(source_errors=raw[1:]) == ["source error"] * MOST_ERRORS
    assert kinds(source_errors=raw) == ["source errors"]
