"""What is required before all messages go to one version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from include.streaming.evidence import Evidence
from include.workloads.sentiment.base.settings import SentimentSettings
from include.workloads.sentiment.evidence.comparison import against_people, classes, compare
from include.workloads.sentiment.evidence.evidence import findings
from include.workloads.sentiment.evidence.ratings import BadRatings, rated_in_file
from tests.support.sentiment.measured import MEASURED

LIMITS = SentimentSettings(_env_file=None)


def failed(**changes: Any) -> list[str]:
    measured = {name: dict(value) if isinstance(value, dict) else value for name, value in MEASURED.items()}
    for name, change in changes.items():
        measured[name] = {**measured[name], **change} if isinstance(change, dict) else change
    return [one.name for one in findings(measured, LIMITS) if not one.passed]


def test_what_is_good_enough_passes() -> None:
    found = findings(MEASURED, LIMITS)
    assert [one.name for one in found] == ["rows", "agreement", "shift", "latency", "people"]
    assert Evidence(tuple(found), MEASURED).passed


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"scored": 199}, "rows"),
        ({"compared": {"agreement": 0.89}}, "agreement"),
        ({"compared": {"shift": 0.11}}, "shift"),
        ({"latency": {"new": {"p95": 5.1}}}, "latency"),
        ({"people": {"difference_interval": [-0.04, 0.01]}}, "people"),
    ],
)
def test_each_requirement_alone_can_fail_it(changes: dict[str, Any], name: str) -> None:
    assert failed(**changes) == [name]


def test_without_ratings_people_are_not_asked_for() -> None:
    measured = {**MEASURED, "people": {"n": 3}}
    assert "people" not in [one.name for one in findings(measured, LIMITS)]


def test_versions_that_answer_the_same_agree_in_everything() -> None:
    values = np.linspace(-1, 1, 50)
    found = compare(values, values)
    assert (found["agreement"], found["shift"], found["different"], found["kappa"]) == (1, 0, 0, 1)
    assert classes(np.array([-1.0, 0.0, 1.0])).tolist() == [-1, 0, 1]


def test_a_version_without_any_answer_of_its_own_has_no_correlation() -> None:
    found = compare(np.zeros(50), np.linspace(-1, 1, 50))
    assert found["correlation"] is None
    assert found["shift"] >= 0.48


def test_the_better_version_is_told_with_its_interval() -> None:
    rng = np.random.default_rng(1)
    ratings = rng.normal(size=500)
    new, old = ratings + rng.normal(size=500) * 0.3, ratings + rng.normal(size=500) * 2
    found = against_people(ratings, new, old)
    assert found["new"] > 0.9 > 0.6 > found["old"]
    low, high = found["difference_interval"]
    assert 0 < low < found["difference"] < high
    assert against_people(ratings[:5], new[:5], old[:5]) == {"n": 5}


def test_ratings_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "ratings.tsv"
    file.write_text('id\tmean_rating\ttext\n1\t-1.5\tso "bad\n2\t3\tgood\n', encoding="utf-8")
    assert rated_in_file(file) == [('so "bad', -1.5), ("good", 3.0)]
    assert rated_in_file(None) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [("a\tb\n", "no column mean_rating, text"), ("mean_rating\ttext\nx\ty\n", "line 2: 'x' is no rating")],
)
def test_a_file_that_holds_no_ratings_is_refused(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "ratings.tsv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(BadRatings, match=said):
        rated_in_file(file)


def test_a_file_that_is_not_there_is_told_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(BadRatings, match="TWEETSIEVE_SENTIMENT_RATINGS"):
        rated_in_file(tmp_path / "none.tsv")
