"""The report's plots, also of labels and probabilities at the edges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from include.model.evaluation.predictions import Answers
from include.model.reports.plots import save_plots

DICE = np.random.default_rng(1)
LABELS = DICE.random(200) < 0.4
EDGES = np.arange(11) / 10


def answers(probabilities: np.ndarray) -> dict[str, Answers]:
    rule = Answers((probabilities > 0.5).astype(float), 0.5)
    return {
        "model": Answers(probabilities, 0.5),
        "keyword_rule": rule,
        "tfidf_lr": Answers(probabilities, 0.4),
    }


@pytest.mark.parametrize(
    ("labels", "probabilities"),
    [
        (LABELS, np.clip(LABELS + DICE.normal(0, 0.4, 200), 0, 1)),
        (EDGES > 0.45, EDGES),
        (np.array([True]), np.array([1.0])),
        pytest.param(
            np.zeros(3, dtype=bool),
            np.array([0.0, 0.5, 0.9]),
            marks=pytest.mark.filterwarnings("ignore:No positive class found"),
        ),
    ],
    ids=["many", "edges of the bins", "one post", "no positives"],
)
def test_every_plot_is_written(labels: np.ndarray, probabilities: np.ndarray, tmp_path: Path) -> None:
    save_plots(tmp_path, "golden", labels, answers(probabilities))
    names = {"pr_golden.png", "confusion_golden.png", "calibration_golden.png"}
    assert {path.name for path in tmp_path.iterdir()} == names
    for name in names:
        picture = imread(tmp_path / name)
        assert picture.std() > 0.05, f"{name} is blank"
