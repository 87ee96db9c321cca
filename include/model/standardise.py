"""The text preparation inside the graph, so that whoever serves the model needs no Python of ours."""

from __future__ import annotations

import tensorflow as tf

MAX_CHARACTERS = 2000
"""What lies behind is not looked at; a post is much shorter."""

_STEPS = (
    (r"^(?:\s*RT\s+@\w+\s*:?)+\s*", " "),  # whom a post repeats says nothing of its subject
    (r"(?i)(?:https?://|www\.)[^\s]+", " xxurl "),
    (r"[@＠][\w.]+", " xxuser "),
    (r"&(?:amp|lt|gt|quot|#39);", " "),
    (r"[#＃]", " "),
    (r"(\p{Ll})(\p{Lu})", r"\1 \2"),  # MachineLearning: two words
    (r"(\p{Lu}{2,})(\p{Lu}\p{Ll}{2,})", r"\1 \2"),  # AINews: AI and News
)
"""Applied in order, before letters are lowered; RE2's syntax, which TensorFlow and TF Serving share."""

_LOWERED = (
    (r"(\p{L})['’](\p{L})", r"\1\2"),  # don't: one word
    (r"(\p{So})", r" \1 "),  # an emoji is a word
    (r"[^\p{L}\p{M}\p{N}\p{So}+]+", " "),  # c++ stays, other punctuation doesn't
)
"""Applied after letters are lowered."""


def standardise(texts: tf.Tensor) -> tf.Tensor:
    """Lower-cased words with spaces between; string[n] -> string[n].

    Links and handles become the words ``xxurl`` and ``xxuser``, hashtags the words they hold, and
    letters of every script are lowered. Bytes that are not UTF-8 become spaces.
    """
    # Control characters go first: tf.strings.lower ends a text at a NUL.
    texts = tf.strings.unicode_transcode(
        texts, "UTF-8", "UTF-8", errors="replace", replacement_char=0x20, replace_control_characters=True
    )
    texts = tf.strings.substr(texts, 0, MAX_CHARACTERS, unit="UTF8_CHAR")
    texts = _replace_all(texts, _STEPS)
    return tf.strings.strip(_replace_all(tf.strings.lower(texts, encoding="utf-8"), _LOWERED))


def _replace_all(texts: tf.Tensor, steps: tuple[tuple[str, str], ...]) -> tf.Tensor:
    for pattern, replacement in steps:
        texts = tf.strings.regex_replace(texts, pattern, replacement)
    return texts
