"""The benchmark's table, from figures that are easy to check."""

from __future__ import annotations

import importlib
import shlex
from pathlib import Path
from typing import Any

import pytest

from tools.bench.environment import describe
from tools.bench.report import RATES, plot, table
from tools.bench.stream import thirds

main = importlib.import_module("tools.bench.__main__")


@pytest.fixture
def found() -> dict:
    options = main.parse(shlex.split("--short --model reference"))
    rates = {name: {"messages": 1_000, "per_second": 10.0 * (n + 1)} for n, (name, _) in enumerate(RATES)}
    rates["noop"]["per_second"] = 200_000.0
    thirds = [60_000.0, 40_000.0, 50_000.0]
    ran: dict[str, Any] = {"seconds": 180.0, "rows": 999, "dead_letters": 1, "thirds": thirds}
    rates["stream saved_model"] |= {"per_second": 50_000.0, **ran}
    latency = {"rate": 1_000, "posts": 5, "p50": 0.51, "p95": 0.92, "p99": 1.23}
    run = {"seconds": 12.0, "jvm_mib": 900.0, "python_mib": 300.0}
    return {
        "environment": describe(options),
        "bytes": 400.0,
        **rates,
        "stream tf_serving": rates["stream tf_serving"] | {**ran, "seconds": 9.0},
        "requests": {"1": {"per_second": 300.0, "requests": 9}},
        "latency": {"saved_model": latency},
        "dataset 1000": {"rows": 1_000, "deduplicate": run, "split": run},
    }


def with_runs(found: dict) -> dict:
    ran = found["stream saved_model"] | {"runs": [40_000.0, 50_000.0, 60_000.0]}
    return found | {"stream saved_model": ran}


def test_the_table_has_every_competitor_and_the_ratios(found: dict) -> None:
    text = table(found)
    for _, label in RATES:
        assert f"| {label} |" in text
    assert "of Kafka to noop" not in text, "a figure that swings by a factor of three is no measure"
    assert "| end to end with tf_serving, to the original's design |" in text
    assert "| end to end into Postgres, saved_model | 1,000 | 50,000 | 3.000 |" in text
    assert "in 180 s with saved_model, 2.40 million a minute in the slowest third" in text
    assert "(of 3 runs, 40,000 to 60,000 a second), 2.40" in table(with_runs(found))
    assert "| saved_model | 1,000 | 5 | 0.51 | 0.92 | 1.23 |" in text
    assert "| 1,000 | deduplicate | 12 | 900 | 300 |" in text
    assert "reference" in text


def test_parts_that_did_not_run_are_left_out(found: dict) -> None:
    text = table({"environment": found["environment"], "noop": found["noop"]}, document=True)
    assert "Kafka to noop" in text
    assert "ratio" not in text
    assert "p95" not in text


def test_the_plot_is_a_picture(found: dict, tmp_path: Path) -> None:
    plot(found, tmp_path / "bench.png")
    assert (tmp_path / "bench.png").read_bytes().startswith(b"\x89PNG")


def test_thirds_lose_no_message_at_their_ends() -> None:
    commits = [(1.0, 10), (1.5, 5), (3.0, 1), (3.1, 7)]
    assert sum(thirds(commits, 0.1, 3.1)) == pytest.approx(23)


def test_short_form_is_smaller_everywhere() -> None:
    short, whole = main.parse(["--short"]), main.parse([])
    for name in ("messages", "sustained", "served", "single", "original", "seconds"):
        assert getattr(short, name) < getattr(whole, name)
    assert max(short.rows) < max(whole.rows)
