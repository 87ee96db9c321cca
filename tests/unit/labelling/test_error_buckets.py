"""Error buckets against snorkel's own, on votes that are given."""

from __future__ import annotations

import numpy as np
import pytest
from snorkel.analysis import get_label_buckets

from include.datasets.golden_set import TO_LEARN_FROM_ALONE
from include.labelling.error_buckets import EXAMPLES, error_buckets
from include.labelling.functions import LABELLING_FUNCTIONS
from include.labelling.golden_baseline import cross_fitted
from include.labelling.golden_posts import GoldenPosts
from include.labelling.label_models import MajorityVote
from include.labelling.review_queues import conflict

pytestmark = pytest.mark.learning

TEXTS = ["deep learning paper", "good morning", "#AI", "the AI in game 3 keeps losing", "my mobile data"] * 12


def golden(texts: list[str], labels: list[int], groups: list[str] | None = None) -> GoldenPosts:
    ids = [str(place) for place in range(len(texts))]
    return GoldenPosts(ids, texts, groups or ids, np.array(labels, dtype=np.int8))


def test_the_buckets_are_snorkels() -> None:
    posts = golden(TEXTS, [place % 2 for place in range(len(TEXTS))])
    weak = MajorityVote().label(posts.votes).labels
    expected = {
        (int(gold), int(label)): len(rows)
        for (gold, label), rows in get_label_buckets(posts.labels.astype(int), weak.astype(int)).items()
    }
    found = error_buckets(posts, MajorityVote())
    assert {(bucket["golden"], bucket["weak"]): bucket["posts"] for bucket in found} == expected
    assert all(len(bucket["examples"]) == min(EXAMPLES, bucket["posts"]) for bucket in found)


def test_an_example_names_who_voted_for_what() -> None:
    (bucket,) = error_buckets(golden(["deep learning paper"], [0]), MajorityVote())
    (example,) = bucket["examples"]
    names = {function.name for function in LABELLING_FUNCTIONS}
    assert (bucket["golden"], bucket["weak"], example["text"]) == (0, 1, "deep learning paper")
    assert example["for"]
    assert set(example["for"]) | set(example["against"]) <= names


def test_more_votes_on_both_sides_are_more_conflict() -> None:
    votes = np.array([[1, 0, -1, -1], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, -1, -1]], dtype=np.int8)
    one, two, three, none = conflict(votes)
    assert two > one > three > none == 0


def test_golden_labels_alone_are_judged_on_posts_they_did_not_learn_from() -> None:
    # Each group shares a word that tells its label, and nothing else does: what a group's word means
    # can't be learned from other groups, so whoever is right has looked.
    draw = np.random.default_rng(3)
    labels = draw.integers(0, 2, 60).repeat(4).tolist()
    groups = [f"word{group}" for group in range(60) for _ in range(4)]
    found = cross_fitted(golden(groups, labels, groups))
    assert found is not None
    assert (found == labels).mean() < 0.75
    assert cross_fitted(golden(TEXTS[: TO_LEARN_FROM_ALONE.labels - 1], [0, 1] * 30)) is None
