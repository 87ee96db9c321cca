"""The text preparation in the graph. TensorFlow takes seconds to import: once, in a fixture."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.fixture(scope="module")
def standardise() -> Callable[[str | bytes], str]:
    import tensorflow as tf

    from include.model.standardise import standardise

    return lambda text: standardise(tf.constant([text])).numpy()[0].decode()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("RT @user: Deep Learning, explained!", "deep learning explained"),
        ("see https://t.co/ab1, www.x.org now", "see xxurl xxurl now"),
        ("@user said hi to @other_1", "xxuser said hi to xxuser"),
        ("#MachineLearning #AI #BigData", "machine learning ai big data"),
        ("ÉCOLE ИСКУССТВЕННЫЙ ΛΌΓΟΣ", "école искусственный λόγος"),
        ("C++ don't it’s", "c++ dont its"),
        ("go🙂👍now", "go 🙂 👍 now"),
        ("A&amp;B", "a b"),
        ("", ""),
        (" \n\t ", ""),
        ("a\x00b", "a b"),
        (b"ok \xff\xfeyes", "ok yes"),
    ],
)
def test_words(standardise: Callable[[str | bytes], str], text: str | bytes, words: str) -> None:
    assert standardise(text) == words


def test_a_long_text_is_cut(standardise: Callable[[str | bytes], str]) -> None:
    assert len(standardise("x" * 10_000)) == 2000
