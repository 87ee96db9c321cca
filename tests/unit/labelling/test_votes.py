"""Votes of the batch path against snorkel's own applier."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.labelling.functions import LABELLING_FUNCTIONS
from include.labelling.votes import snorkel_functions, votes

ORIGINAL = {
    "is_ai_tweet",
    "is_not_ai_tweet",
    "not_data_science",
    "not_neural_network",
    "not_big_data",
    "not_nlp",
    "not_ai",
    "not_cv",
}
CONCEPTS = {
    "artificial intelligence",
    "machine learning",
    "deep learning",
    "language processing",
    "computer vision",
    "data science",
    "big data",
    "robotics",
    "jobs",
    "courses",
    "hashtags",
    "known domains",
    "everyday sense",
    "other languages",
    "games",
    "crypto",
    "trading",
}
TEXT = """
AI machine learning #DataScience love data mobile data #ai 100 ml game bitcoin NLP CV the network is
a neural network big deal #BigData https://t.co/x @user Ünïcode 深い学習 🤖 RT ai que job course paper
#VR
"""
PARTS = TEXT.split()


def test_the_originals_functions_are_there_by_name() -> None:
    assert {function.name for function in LABELLING_FUNCTIONS} >= ORIGINAL


def test_every_concept_has_a_function() -> None:
    assert {function.concept for function in LABELLING_FUNCTIONS} >= CONCEPTS


def test_every_function_explains_itself_with_an_example() -> None:
    for function in LABELLING_FUNCTIONS:
        assert ">>> " in (function.vote.__doc__ or ""), function.name
        assert function.about.endswith("."), function.name


@pytest.mark.learning
def test_votes_equal_snorkels_applier() -> None:
    from snorkel.labeling import PandasLFApplier

    draw = random.Random(1)
    texts = [" ".join(draw.choices(PARTS, k=draw.randint(0, 12))) for _ in range(300)]
    applier = PandasLFApplier(snorkel_functions())
    theirs = applier.apply(pd.DataFrame({"text": texts}), progress_bar=False)
    ours = votes(texts)
    assert np.array_equal(ours, theirs)
    assert {-1, 0, 1} == set(np.unique(ours))


@pytest.mark.learning
def test_votes_equal_snorkels_applier_on_real_posts(real_data: Path) -> None:
    from snorkel.labeling import PandasLFApplier

    with gzip.open(real_data / "tweets" / "tweet_texts.jsonl.gz", "rt") as lines:
        texts = [json.loads(line)["text"] for line, _ in zip(lines, range(300), strict=False)]
    theirs = PandasLFApplier(snorkel_functions()).apply(pd.DataFrame({"text": texts}), progress_bar=False)
    assert np.array_equal(votes(texts), theirs)


@pytest.mark.learning
@settings(max_examples=15)
@given(
    st.lists(
        st.text(max_size=80) | st.lists(st.sampled_from(PARTS), max_size=8).map(" ".join),
        min_size=1,
        max_size=8,
    )
)
def test_votes_on_any_texts_equal_snorkels_applier(texts: list[str]) -> None:
    from snorkel.labeling import PandasLFApplier

    theirs = PandasLFApplier(snorkel_functions()).apply(pd.DataFrame({"text": texts}), progress_bar=False)
    assert np.array_equal(votes(texts), theirs)


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "#", "@", "#️⃣", "https://", "\ud83d", "A.I.", "ＡＩ #ＡＩ", "a" * 100_000]
)
def test_no_text_breaks_a_function(text: str) -> None:
    assert votes([text]).shape == (1, len(LABELLING_FUNCTIONS))


def test_no_texts_give_an_empty_matrix() -> None:
    assert votes([]).shape == (0, len(LABELLING_FUNCTIONS))


def test_the_guarded_phrase_silences_its_everyday_sense() -> None:
    names = [function.name for function in LABELLING_FUNCTIONS]
    guarded = {
        "not_data_science": "I love data science",
        "not_neural_network": "the network is a neural network",
        "not_big_data": "a big Big Data deal",
        "not_nlp": "the language of natural language processing",
        "not_ai": "online learning about artificial intelligence",
        "not_cv": "my vision of computer vision",
    }
    for name, text in guarded.items():
        assert votes([text])[0, names.index(name)] == -1, name
