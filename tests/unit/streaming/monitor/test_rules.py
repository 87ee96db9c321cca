"""When a snapshot raises an alert, and when it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from include.settings import Settings
from include.streaming.monitor.alerts import thresholds
from include.streaming.monitor.rules import MOST_ERRORS, alerts
from include.streaming.monitor.snapshot import StreamSnapshot
from include.streaming.workload import Limits

HEALTHY = StreamSnapshot(
    workload="ai_tweets", at=datetime(2026, 1, 1, tzinfo=UTC), wanted=True, status="running", silence=1.0,
    lag=10, lag_by_partition={}, stuck=0.5, since_commit=0.5, posts=1000, dead_letters=10,
    posts_per_minute=200, input_rate=None, process_rate=None, batch_posts=0,
)  # fmt: skip


NO_LIMITS = Limits()


def kinds(limits: Limits = NO_LIMITS, **changes: Any) -> list[str]:
    snapshot = replace(HEALTHY, **changes)
    return [alert.kind for alert in alerts(snapshot, thresholds(limits, Settings(_env_file=None)))]


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
        ({"losses": ("t[0]: 5 messages", "t[1]: 1 messages")}, ["lost messages"] * 2),
        ({"losses": tuple(f"t[{n}]" for n in range(MOST_ERRORS + 1))}, ["lost messages"]),
        ({"lost": 5}, []),
        ({"posts": 1, "dead_letters": 9}, []),
        ({"silence": 500.0, "stuck": 500.0, "lag": 2_000_000}, ["query ended", "no progress", "lag"]),
    ],
)
def test_each_rule_speaks_for_itself(changes: dict[str, Any], expected: list[str]) -> None:
    assert kinds(**changes) == expected


@pytest.mark.parametrize(
    ("limits", "changes", "expected"),
    [
        (Limits(silence_seconds=60), {"silence": 31.0}, []),
        (Limits(no_progress_seconds=300), {"stuck": 121.0}, []),
        (Limits(lag=5), {}, ["lag"]),
        (Limits(dead_letter_rate=0.001), {}, ["dead letters"]),
        (Limits(lag=5), {"silence": 31.0}, ["query ended", "lag"]),
    ],
)
def test_a_workloads_own_limits_replace_the_settings(
    limits: Limits, changes: dict[str, Any], expected: list[str]
) -> None:
    assert kinds(limits, **changes) == expected


def test_each_different_error_of_the_source_is_an_alert() -> None:
    snapshot = replace(HEALTHY, source_errors=("disk full", "line break", "disk full"))
    found = alerts(snapshot, thresholds(NO_LIMITS, Settings(_env_file=None)))
    assert [alert.subject for alert in found] == ["disk full", "line break"]


def test_a_flood_of_different_errors_is_one_alert() -> None:
    errors = tuple(f"number {number}" for number in range(MOST_ERRORS + 1))
    assert kinds(source_errors=errors[1:]) == ["source error"] * MOST_ERRORS
    assert kinds(source_errors=errors) == ["source errors"]
