"""What a soak says of its samples."""

from __future__ import annotations

import json
import random
from dataclasses import asdict
from pathlib import Path

import pytest

from tools.drill.__main__ import soak_minutes
from tools.drill.soak.run import plot, told, trends_of
from tools.drill.soak.samples import Sample
from tools.drill.soak.trend import trend


def samples(minutes: int, leak_mb_per_hour: float = 0.0) -> list[Sample]:
    """Memory that is taken within the first minutes, swings, and grows where it leaks; tables that grow."""
    rng, found = random.Random(1), list[Sample]()
    for number in range(6 * minutes):
        seconds = 10.0 * number
        swing = rng.uniform(-20, 20)
        found.append(
            {
                "seconds": seconds,
                "rss/stream": 1500 * min(1.0, 0.3 + seconds / 200)
                + swing
                + leak_mb_per_hour * seconds / 3600,
                "files/checkpoints": 200 + number % 7,
                "table/ai_tweets": seconds,
            }
        )
    del found[3]["rss/stream"]  # it was started again
    return found


@pytest.mark.parametrize("minutes", [5, 60])
def test_a_start_and_its_swings_are_no_growth_and_tables_of_results_have_no_verdict(minutes: int) -> None:
    assert {one.name: one.flat for one in trends_of(samples(minutes))} == {
        "rss/stream": True,
        "files/checkpoints": True,
        "table/ai_tweets": None,
    }


def test_a_leak_is_named() -> None:
    found = {one.name: one for one in trends_of(samples(60, leak_mb_per_hour=400))}
    assert found["rss/stream"].flat is False
    assert found["rss/stream"].per_hour == pytest.approx(400, rel=0.1)
    assert found["files/checkpoints"].flat


def test_a_lost_level_does_not_grow() -> None:
    times = [10.0 * number for number in range(60)]
    assert trend("rss/x", times, [1000.0 - time for time in times]).flat


def test_the_report_has_a_verdict_for_each_and_a_picture(tmp_path: Path) -> None:
    taken = samples(20, leak_mb_per_hour=900)
    trends = trends_of(taken)
    done = {
        "minutes": 20.0, "messages": 5_000, "messages_per_second": 4, "samples": taken,
        "trends": [asdict(one) for one in trends],
        "growing": [one.name for one in trends if one.flat is False],
    }  # fmt: skip
    assert json.loads(json.dumps(done)) == done
    words = told(done)
    assert "GROWS" in words
    assert words.endswith("grows: rss/stream")
    plot(done, tmp_path / "soak.png")
    assert (tmp_path / "soak.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("text", "minutes"), [("1", 60), ("0", 0), ("90", 90), ("0.5", 0.5)])
def test_one_is_an_hour(text: str, minutes: float) -> None:
    assert soak_minutes(text) == minutes
