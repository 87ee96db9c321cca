"""Texts to words in the graph. TensorFlow takes seconds to import: once, in a fixture."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

pytestmark = pytest.mark.learning


@pytest.fixture(scope="module")
def tokenizer() -> ModuleType:
    from include.model.features import tokenizer

    return tokenizer


@pytest.fixture(scope="module")
def split(tokenizer: ModuleType) -> Callable[[str | bytes], list[str]]:
    import tensorflow as tf

    return lambda text: [word.decode() for word in tokenizer.split(tf.constant([text]))[0].numpy()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RT @user: Deep Learning, explained!", "RT @ user Deep Learning explained"),
        ("see https://t.co/ab1, http://x.org/a?b=1 now", "see http http now"),
        ("@user said hi to @other_1", "@ user said hi to @ other_1"),
        ("#MachineLearning,#AI", "# MachineLearning # AI"),
        ("C++ don't it’s", "C++ don t it s"),
        ("go🙂👍now", "go now"),
        ("A&amp;B &#39;c&#x27;&nbsp;d &ampere;", "A B c d ampere"),
        ('see HTTP://a.example/b"AI https://t.co/abcdefghijAI', "see http AI http AI"),
        ("ＡＩ ma\u00adchine", "AI machine"),
        ("one\ntwo", "one \n two"),
        ("", ""),
        (" \r\t ", ""),
        ("a\x00b", "a b"),
        ("data" * 2000, "data" * 1000),
    ],
)
def test_split(split: Callable[[str | bytes], list[str]], text: str | bytes, expected: str) -> None:
    assert split(text) == [word for word in expected.split(" ") if word]


def test_bytes_that_are_not_utf8_separate_words(tokenizer: ModuleType) -> None:
    import tensorflow as tf

    text = tf.constant([b"ok \xff\xfeyes #\xe2\x82 fine"])
    assert tokenizer.split(text)[0].numpy().tolist() == [b"ok", b"yes", b"#", b"fine"]
    assert tokenizer.tokenize(text).hashes.shape == (4,)


def test_rows(tokenizer: ModuleType) -> None:
    import tensorflow as tf

    assert tokenizer.split(tf.constant(["a b", "", "c"]))[1].numpy().tolist() == [0, 0, 2]
    assert tokenizer.split(tf.constant([], tf.string))[0].shape == (0,)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Deep", "dEEP"), ("ÉCOLE", "école"), ("ИСКУССТВЕННЫЙ", "искусственный"), ("ΛΌΓΟΣ", "λόγος")],
)
def test_letters_of_every_script_are_lowered(tokenizer: ModuleType, one: str, other: str) -> None:
    import tensorflow as tf

    both = tokenizer.tokenize(tf.constant([one, other, "another"])).hashes.numpy().tolist()
    assert both[0] == both[1] != both[2]


def test_phrases_of_the_same_words_in_another_order_differ(tokenizer: ModuleType) -> None:
    import tensorflow as tf

    first, second = tokenizer.hashed(tf.constant(["big", "data"]))
    names = {
        int(tokenizer.joined(first, second)),
        int(tokenizer.joined(second, first)),
        int(tokenizer.as_tag(first)),
        int(first),
    }
    assert len(names) == 4
