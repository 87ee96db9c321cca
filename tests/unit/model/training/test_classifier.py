"""Network and linear part together: what golden labels change, and that the exported form gives the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from include.baselines.calibration import Calibration
from tests.support.datasets.labelled_posts import make_posts

pytestmark = pytest.mark.learning

POSTS = make_posts(150, seed=11)
NEW = [f"a zorblatt for number{i}" for i in range(10)] + [f"lunch number{i} today" for i in range(10)]
LABELS = np.arange(20) < 10


@pytest.fixture(scope="module")
def parts():
    from include.model.training.classifier import fit_parts
    from include.model.training.inputs import read_inputs
    from include.model.training.soft_labels import SoftLabelled

    texts, soft = zip(*POSTS, strict=True)
    train, dev = (SoftLabelled(texts[part], np.array(soft[part])) for part in (slice(120), slice(120, 150)))
    return fit_parts(read_inputs(train.texts, dev.texts, NEW), train, dev, epochs=2, seed=1)


def golden_logits(parts, rows: np.ndarray) -> np.ndarray:
    return parts.logits(parts.inputs.golden, parts.refit(LABELS, rows))


def test_golden_labels_are_learned_from(parts) -> None:
    before = golden_logits(parts, np.zeros(20, dtype=bool))
    rows = np.arange(20) % 2 == 0
    difference = (golden_logits(parts, rows) - before)[:, 0]
    assert difference[~rows & LABELS].min() > difference[~rows & ~LABELS].max()


def test_each_refit_starts_from_the_same_weights(parts) -> None:
    rows = np.arange(20) < 10
    first, back, again = (
        golden_logits(parts, chosen)[:, 1] for chosen in (rows, np.zeros(20, dtype=bool), rows)
    )
    assert (first > back).all(), "ten posts about AI"
    np.testing.assert_allclose(first, again, atol=1e-5)


def test_rows_that_are_not_learned_from_change_nothing(parts) -> None:
    rows = np.arange(20) % 2 == 0
    ours, theirs = parts.refit(LABELS, rows), parts.refit(LABELS ^ ~rows, rows)
    np.testing.assert_array_equal(ours.linear.coefficients, theirs.linear.coefficients)
    for one, same in zip(ours.network, theirs.network, strict=True):
        np.testing.assert_allclose(one, same, atol=1e-5)


def test_the_exported_form_gives_the_same(parts, tmp_path: Path) -> None:
    from include.model.training.saved_model import LoadedModel, export_model

    weights = parts.refit(LABELS, np.ones(20, dtype=bool))
    calibration = Calibration(np.array([0.7, 1.3]), 0.2)
    export_model(parts.classifier(weights, calibration), tmp_path, 5)
    texts = [*NEW, *(text for text, _ in POSTS[:30]), "", "🤖 #MachineLearning", "x" * 10_000]
    expected = calibration(parts.logits(parts.inputs.reader.read(texts), weights))
    np.testing.assert_allclose(LoadedModel(tmp_path).probabilities(texts), expected, atol=1e-5)
