"""The linear part against scikit-learn, and its numbers in the graph against those in numpy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse import random as random_sparse
from sklearn.linear_model import LogisticRegression

from include.model.training.linear import REGULARISATION_C, LinearWeights, NgramWeighting, fit_linear

DICE = np.random.default_rng(2)
MATRIX = random_sparse(300, 40, 0.2, format="csr", random_state=2)
LABELS = (MATRIX @ DICE.normal(size=40) + 0.3 * DICE.normal(size=300) > 0).astype(float)
COUNTS = DICE.choice([1.0, 3.0], size=300)


def test_is_logistic_regression() -> None:
    ours = fit_linear(MATRIX, LABELS, COUNTS)
    theirs = LogisticRegression(C=REGULARISATION_C, tol=1e-8, max_iter=1000).fit(
        MATRIX, LABELS, sample_weight=COUNTS
    )
    np.testing.assert_allclose(ours.coefficients, theirs.coef_[0], atol=0.02)
    np.testing.assert_allclose(ours.logits(MATRIX), theirs.decision_function(MATRIX), atol=0.02)


def test_a_soft_label_is_a_row_of_either_class() -> None:
    soft = np.where(LABELS == 1, 0.8, 0.1)
    both = np.concatenate([np.arange(300), np.arange(300)])
    twice = fit_linear(
        MATRIX[both], np.repeat([1.0, 0.0], 300), np.concatenate([COUNTS * soft, COUNTS * (1 - soft)])
    )
    np.testing.assert_allclose(fit_linear(MATRIX, soft, COUNTS).coefficients, twice.coefficients, atol=0.01)


def test_a_prior_stays_where_the_rows_say_nothing() -> None:
    prior = LinearWeights(DICE.normal(size=40), 1.0)
    some = MATRIX[:20].tolil()
    some[:, :10] = 0
    found = fit_linear(some.tocsr(), LABELS[:20], COUNTS[:20], prior)
    np.testing.assert_array_equal(found.coefficients[:10], prior.coefficients[:10])
    assert (found.coefficients[10:] != prior.coefficients[10:]).any()
    near = fit_linear(MATRIX[:20], LABELS[:20], np.full(20, 1e-6), prior)
    np.testing.assert_allclose(near.coefficients, prior.coefficients, atol=1e-3)


COUNTS_OF_TEXTS = csr_matrix(
    np.array([[0, 1, 2, 0, 0], [0, 1, 0, 1, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]], float)
)


def test_features() -> None:
    features = NgramWeighting.fit(COUNTS_OF_TEXTS)
    assert features.idf[3] == 0, "of one text only"
    one, two = features.idf[1], features.idf[2]
    assert one == two > 1
    matrix = features.matrix(COUNTS_OF_TEXTS).toarray()
    np.testing.assert_allclose(matrix[0, [1, 2]], np.array([one, 2 * two]) / np.sqrt(3 * one**2), rtol=1e-5)
    assert not matrix[3].any()


@pytest.mark.learning
def test_the_graph_says_what_numpy_says() -> None:
    import tensorflow as tf

    from include.model.features.featurizer import Featurized, Occurrences
    from include.model.training.saved_model import linear_logits

    features, weights = NgramWeighting.fit(COUNTS_OF_TEXTS), LinearWeights(DICE.normal(size=5), 0.0)
    table = tf.constant(features.table(weights.coefficients))
    words = Occurrences(tf.constant([1, 2, 1, 3, 2]), tf.constant([0, 0, 1, 1, 2]))
    pairs = Occurrences(tf.constant([2]), tf.constant([0]))
    mean = linear_logits(table, Featurized(tf.zeros([4, 1]), words, pairs), tf.constant(4)).numpy()
    np.testing.assert_allclose(mean, weights.logits(features.matrix(COUNTS_OF_TEXTS)), atol=1e-5)
