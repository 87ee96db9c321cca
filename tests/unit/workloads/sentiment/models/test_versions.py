"""Both versions answer what they are known to answer."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from include.statistics.correlation import pearson
from include.streaming.scorers.base import Refused
from include.workloads.sentiment.base.settings import Version
from include.workloads.sentiment.models.in_process import score_all
from include.workloads.sentiment.models.versions import OUTPUTS, model, version_name
from tests.support.sentiment.golden import SIX, published

BOTH: tuple[Version, Version] = ("a", "b")


def answered(version: Version, text: str) -> tuple[float, ...]:
    scores = model(version)(text)
    return tuple(scores[name] for name in OUTPUTS)


@pytest.mark.parametrize("text", SIX)
def test_the_six_golden_messages_are_scored_exactly(text: str) -> None:
    assert (answered("a", text), answered("b", text)) == SIX[text]


def test_version_a_answers_all_that_nltk_publishes() -> None:
    wrong = [one.text for one in published() if model("a")(one.text) != one.scores]
    assert (len(published()), wrong) == (49, [])


@pytest.mark.parametrize("version", BOTH)
def test_the_call_inside_a_process_is_the_same(version: Version) -> None:
    found = score_all(version, 100)(pa.record_batch({"text": list(SIX)}))
    scores = zip(*(found[name] for name in OUTPUTS), strict=True)
    assert list(scores) == [SIX[text][BOTH.index(version)] for text in SIX]


def test_inside_a_process_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(Refused, match="more than 4 characters"):
        score_all("b", 4)(pa.record_batch({"text": ["fine", "too long"]}))


def test_the_names_are_those_of_the_installed_packages() -> None:
    assert [version_name(version) for version in BOTH] == ["nltk-3.10.4", "vaderSentiment-3.3.2"]


def test_loading_leaves_no_package_hidden() -> None:
    model("a")
    assert all(sys.modules.get(name, "absent") is not None for name in ("sklearn", "scipy"))
    import scipy.stats

    assert scipy.stats.norm.cdf(0) == 0.5


def test_the_known_answers_are_those_of_the_measured_file(real_data: Path) -> None:
    measured = json.loads((real_data / "sentiment" / "six_messages_golden.json").read_text())
    for one in measured:
        a, b = (tuple(one[engine][name] for name in OUTPUTS) for engine in list(one)[1:])
        assert SIX[one["request"]["data"]] == (a, b)


@pytest.mark.parametrize("version", BOTH)
def test_both_agree_with_people(real_data: Path, version: Version) -> None:
    with (real_data / "sentiment" / "tweets_ground_truth.tsv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    scored = np.array([model(version)(row["text"])["compound"] for row in rows])
    assert pearson(scored, np.array([float(row["mean_rating"]) for row in rows])) >= 0.86
