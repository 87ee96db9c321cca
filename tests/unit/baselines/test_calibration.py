"""Several logits made one probability."""

from __future__ import annotations

import numpy as np

from include.baselines.calibration import fit_stack

DICE = np.random.default_rng(5)
LABELS = DICE.random(600) < 0.3
GOOD = np.where(LABELS, 1.0, -1.0) + DICE.normal(size=600)


def test_it_calibrates() -> None:
    loud = (10 * GOOD + 7)[:, None]
    said = fit_stack(loud, LABELS.astype(float))(loud)
    assert abs(said.mean() - LABELS.mean()) < 0.01
    high = said > 0.5
    assert abs(said[high].mean() - LABELS[high].mean()) < 0.06


def test_a_logit_against_itself_is_left_out() -> None:
    stack = fit_stack(np.stack([GOOD, -GOOD + DICE.normal(size=600)], axis=1), LABELS.astype(float))
    assert stack.weights[0] > 0
    assert stack.weights[1] == 0


def test_a_single_logit_never_turns_round() -> None:
    stack = fit_stack(-GOOD[:, None], LABELS.astype(float))
    assert stack.weights[0] > 0


def test_a_constant_logit() -> None:
    said = fit_stack(np.stack([GOOD, np.zeros(600)], axis=1), LABELS.astype(float))(
        np.stack([GOOD, np.zeros(600)], axis=1)
    )
    assert np.isfinite(said).all()
