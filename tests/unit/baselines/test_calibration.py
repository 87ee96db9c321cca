"""Calibration of one logit and of several."""

from __future__ import annotations

import numpy as np

from include.baselines.calibration import fit_calibration

DICE = np.random.default_rng(5)
LABELS = DICE.random(600) < 0.3
GOOD = np.where(LABELS, 1.0, -1.0) + DICE.normal(size=600)


def test_it_calibrates() -> None:
    loud = (10 * GOOD + 7)[:, None]
    said = fit_calibration(loud, LABELS.astype(float))(loud)
    assert abs(said.mean() - LABELS.mean()) < 0.01
    high = said > 0.5
    assert abs(said[high].mean() - LABELS[high].mean()) < 0.06


def test_a_logit_against_itself_is_left_out() -> None:
    calibration = fit_calibration(
        np.stack([GOOD, -GOOD + DICE.normal(size=600)], axis=1), LABELS.astype(float)
    )
    assert calibration.weights[0] > 0
    assert calibration.weights[1] == 0


def test_a_single_logit_never_turns_round() -> None:
    calibration = fit_calibration(-GOOD[:, None], LABELS.astype(float))
    assert calibration.weights[0] > 0


def test_a_constant_logit() -> None:
    said = fit_calibration(np.stack([GOOD, np.zeros(600)], axis=1), LABELS.astype(float))(
        np.stack([GOOD, np.zeros(600)], axis=1)
    )
    assert np.isfinite(said).all()
