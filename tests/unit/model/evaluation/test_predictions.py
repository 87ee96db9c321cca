"""Cross-fitted answers stand in for those of a model that learned the label."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from include.model.evaluation.predictions import Answers, CrossFittedAnswers

KEPT = CrossFittedAnswers(["b", "d"], {"model": Answers(np.array([0.2, 0.3]), np.array([0.1, 0.6]))})
OWN = Answers(np.array([0.9, 0.9, 0.9]), 0.5)


def test_they_stand_in() -> None:
    found = KEPT.instead_of(OWN, "model", ["a", "b", "d"])
    assert found.probabilities.tolist() == [0.9, 0.2, 0.3]
    assert found.predicted.tolist() == [True, True, False]
    assert KEPT.learned(["a", "b", "d"]).tolist() == [False, True, True]
    assert OWN.probabilities.tolist() == [0.9, 0.9, 0.9]


def test_other_texts_keep_the_models_own() -> None:
    assert KEPT.instead_of(OWN, "model", ["x", "y", "z"]).threshold == 0.5


def test_stored(tmp_path: Path) -> None:
    KEPT.save(tmp_path)
    found = CrossFittedAnswers.load(tmp_path).instead_of(OWN, "model", ["d", "b", "a"])
    assert found.probabilities.tolist() == [0.3, 0.2, 0.9]
    assert CrossFittedAnswers.load(tmp_path / "none").hashes == []
