"""Models of a few lines for tests of model servers; each function writes one version's folder."""

from __future__ import annotations

from pathlib import Path


def half_plus(folder: Path, plus: float) -> None:
    """TF Serving's example: x / 2 + ``plus``, float[n] -> float[n]."""
    import tensorflow as tf

    module = tf.Module()
    module.plus = tf.Variable(float(plus))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def serve(x):
        return {"y": x / 2.0 + module.plus}

    _save(module, folder, serve)


def sums(folder: Path) -> None:
    """Two inputs, float[n, 2] and int64[n]; two outputs per row, and one for all by another signature."""
    import tensorflow as tf

    module = tf.Module()

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 2], tf.float32, name="a"),
            tf.TensorSpec([None], tf.int64, name="b"),
        ]
    )
    def serve(a, b):
        return {"total": tf.reduce_sum(a, axis=1) + tf.cast(b, tf.float32), "twice": 2 * b}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int64, name="b")])
    def whole(b):
        return {"all": tf.reduce_sum(b)}

    _save(module, folder, serve, whole=whole)


def texts(folder: Path) -> None:
    """Strings in; the same as text and as bytes, their length, and whether they are empty, out."""
    import tensorflow as tf

    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def serve(text):
        return {
            "same": text,
            "raw_bytes": text,
            "length": tf.strings.length(text),
            "empty": tf.equal(text, ""),
        }

    _save(module, folder, serve)


def odd(folder: Path) -> None:
    """Strings of any shape, the same out; by other signatures types that JSON has no form for."""
    import tensorflow as tf

    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec(None, tf.string, name="text")])
    def serve(text):
        return {"same": text}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def to_complex(x):
        return {"y": tf.complex(x, x)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.complex64, name="z")])
    def from_complex(z):
        return {"y": tf.math.real(z)}

    _save(module, folder, serve, to_complex=to_complex, from_complex=from_complex)


SUBJECTS = (
    r"(?s).*\b(ai|nlp|deep ?learning|machine ?learning|big ?data|data ?scien(ce|tist)|neural networks?"
    r"|artificial intelligence)\b.*"
)
"""What ``classifier`` takes for AI: enough for the behavioural tests of the gate."""


def classifier(
    folder: Path,
    version: int,
    probability: float | None = None,
    odd: float = 0.1,
    *,
    ai: float = 0.9,
    other: float = 0.1,
    blind_to: str | None = None,
    delay: int = 0,
    megabytes: int = 0,
) -> None:
    """The production signature: ai_prob and model_version per text.

    Args:
        probability: of every text; None: by the text.
        ai: where the text names a subject of AI and doesn't match ``blind_to``.
        other: of all other texts, but for the empty one, whose probability is ``odd``.
        delay: rounds of a loop that only takes time.
        megabytes: memory that the loaded model takes.
    """
    import tensorflow as tf

    module = tf.Module()
    module.ballast = tf.Variable(tf.zeros([megabytes, 2**18]))
    work = tf.constant(1e-3, shape=[256, 256])

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def serve(text):
        is_ai = tf.strings.regex_full_match(tf.strings.lower(text), SUBJECTS)
        if blind_to is not None:
            is_ai &= ~tf.strings.regex_full_match(text, blind_to)
        by_text = (
            tf.where(is_ai, ai, tf.where(tf.equal(text, ""), odd, other))
            if probability is None
            else tf.fill(tf.shape(text), probability)
        )
        if delay:
            turned = work
            for _ in tf.range(delay):
                turned = tf.tanh(tf.matmul(turned, work))
            by_text += 0.0 * turned[0, 0]
        return {
            "ai_prob": tf.cast(by_text, tf.float32),
            "model_version": tf.fill(tf.shape(text), tf.constant(version, tf.int64)),
        }

    _save(module, folder, serve)


def refusing(folder: Path) -> None:
    """Fails on every call."""
    import tensorflow as tf

    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def serve(x):
        with tf.control_dependencies([tf.debugging.assert_less(x, -1e30, message="never content")]):
            return {"y": tf.identity(x)}

    _save(module, folder, serve)


def broken(folder: Path) -> None:
    """A folder that looks like a SavedModel and isn't one."""
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"\x0a\xff not a proto")


def _save(module, folder: Path, serve, **others) -> None:
    import tensorflow as tf

    module.functions = [serve, *others.values()]
    signatures = {"serving_default": serve, **others}
    tf.saved_model.save(module, str(folder), signatures=signatures)
