"""What the classifier must reach on golden posts it has not met. Minutes, of a real dataset version."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.settings import Settings
from tests.support.datasets.real_version import build_version

pytestmark = [pytest.mark.chain, pytest.mark.timeout(3600)]

VERSION = 7300


def test_cross_fitted_over_golden_labels(database: Settings, real_data: Path, tmp_path: Path) -> None:
    from include.model.crossfit import crossfit_version

    settings = database.model_copy(update={"model_store": tmp_path / "models"})
    tweets = real_data / "tweets"
    build_version(VERSION, tweets / "tweet_texts.jsonl.gz", tweets / "golden_dev.jsonl", settings)
    found = crossfit_version(VERSION, settings)
    assert found["n"] >= 390
    assert found["f1"] >= 0.88
    assert found["f1"] - found["baselines"]["keyword_rule"]["f1"] >= 0.05
    assert found["auc"] >= 0.97
