"""Network and linear part together: what golden labels change, and that the exported form says the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from include.baselines.calibration import Stack
from include.datasets.golden_set import Labelled
from tests.support.labelled_posts import make_posts

pytestmark = pytest.mark.learning

POSTS = make_posts(150, seed=11)
NEW = [f"a zorblatt for number{i}" for i in range(10)] + [f"lunch number{i} today" for i in range(10)]
GOLDEN = Labelled("golden", NEW, np.arange(20) < 10)


@pytest.fixture(scope="module")
def learner():
    from include.model.training.classifier import Learner
    from include.model.training.network import SoftLabelled

    texts, soft = zip(*POSTS, strict=True)
    train, dev = (SoftLabelled(texts[part], np.array(soft[part])) for part in (slice(120), slice(120, 150)))
    return Learner(train, dev, GOLDEN, epochs=2, seed=1)


def test_golden_labels_are_learned_from(learner) -> None:
    before = learner.golden_logits(np.zeros(20, dtype=bool))
    rows = np.arange(20) % 2 == 0
    difference = (learner.golden_logits(rows) - before)[:, 0]
    assert difference[~rows & GOLDEN.labels].min() > difference[~rows & ~GOLDEN.labels].max()


def test_the_network_learns_from_golden_labels_anew_each_time(learner) -> None:
    rows = np.arange(20) < 10
    first, back, again = (
        learner.golden_logits(chosen)[:, 1] for chosen in (rows, np.zeros(20, dtype=bool), rows)
    )
    assert (first > back).all(), "ten posts about AI"
    np.testing.assert_allclose(first, again, atol=1e-5)


def test_rows_that_are_not_learned_from_change_nothing(learner) -> None:
    from include.model.training.classifier import Learner

    rows = np.arange(20) % 2 == 0
    other = Learner.__new__(Learner)
    other.__dict__ |= learner.__dict__
    other._golden = Labelled("golden", NEW, GOLDEN.labels ^ ~rows)
    ours, theirs = learner.taught(rows), other.taught(rows)
    np.testing.assert_array_equal(ours.linear.each, theirs.linear.each)
    for one, same in zip(ours.deep, theirs.deep, strict=True):
        np.testing.assert_allclose(one, same, atol=1e-5)


def test_the_exported_form_says_the_same(learner, tmp_path: Path) -> None:
    from include.model.training.saved_model import SavedModel, export_model

    taught, stack = learner.taught(np.ones(20, dtype=bool)), Stack(np.array([0.7, 1.3]), 0.2)
    export_model(learner.classifier(taught, stack), tmp_path, 5)
    texts = [*NEW, *(text for text, _ in POSTS[:30]), "", "🤖 #MachineLearning", "x" * 10_000]
    np.testing.assert_allclose(
        SavedModel(tmp_path).probabilities(texts), stack(learner.logits(texts, taught)), atol=1e-5
    )
