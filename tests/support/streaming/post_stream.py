"""The workload ``ai_tweets`` under test: its messages, its model, its accounts."""

from __future__ import annotations

import random
import subprocess
import sys

import orjson

from include.settings import PROJECT_ROOT
from tests.support.streaming.stream import Stream

POISON = "poison"
"""A text with this word in it is refused by the test's model."""

MAKE_MODEL = """
import sys
import tensorflow as tf
from include.serving.config import ModelConfig, write_config
from include.settings import get_settings

version, poison, settings = int(sys.argv[1]), sys.argv[2], get_settings()

class Model(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def serve(self, text):
        bad = tf.strings.regex_full_match(text, f".*{poison}.*")
        with tf.control_dependencies([tf.debugging.assert_equal(tf.reduce_any(bad), False)]):
            probability = tf.cast(tf.strings.to_hash_bucket_fast(text, 1000), tf.float32) / 1000.0
        versions = tf.fill(tf.shape(text), tf.constant(version, tf.int64))
        return {"ai_prob": probability, "model_version": versions}

base = settings.serving_dir / settings.model_name
model = Model()
tf.saved_model.save(model, str(base / str(version)), signatures=model.serve)
model_config = ModelConfig(settings.model_name, str(base), (version,), {"stable": version})
write_config(settings.serving_dir / "models.config", [model_config])
"""

WRONGLY_COUNTED_LINKS = """
SELECT count(*)
FROM (SELECT link, count(*) AS posts FROM ai_tweets, unnest(links) AS link GROUP BY link) AS counted
FULL JOIN links USING (link) WHERE counted.posts IS DISTINCT FROM links.posts
"""


class PostStream(Stream):
    """The stream of posts."""

    def serve(self, version: int, poison: str = POISON) -> None:
        """Put a model into service that refuses texts with ``poison`` in them."""
        subprocess.run(
            [sys.executable, "-c", MAKE_MODEL, str(version), poison],
            cwd=PROJECT_ROOT, env=self.environment, check=True, capture_output=True,
        )  # fmt: skip

    def produce(self, count: int, *, first: int) -> None:
        """Messages with ids from ``first`` on: 1 % malformed, 1 % twice, one poisonous."""
        poisonous = first + count // 2
        for topic in (self.settings.ai_topic, self.settings.mix_topic):
            self.send(
                topic,
                [
                    (str(number), message(number, f"some {POISON} here" if number == poisonous else ""))
                    for number in range(first, first + count)
                    for _ in range(2 if number % 100 == 3 else 1)
                    if topic == (self.settings.ai_topic if number % 2 else self.settings.mix_topic)
                ],
            )

    def account(self) -> None:
        """Every position once, and links counted once."""
        super().account()
        assert self.ask(WRONGLY_COUNTED_LINKS) == 0


def message(number: int, text: str = "") -> bytes:
    """A post; one of a hundred is cut off."""
    if number % 100 == 7:
        return b'{"id_str": "%d", "text": "cut o' % number
    rng = random.Random(number)
    link = f" https://site{rng.randrange(50)}.example/{rng.randrange(200)}" if number % 3 == 0 else ""
    body = text or "".join(rng.choices("neural data\tpizza \\ 日本\n\\.\n\"'{} ", k=60))
    return orjson.dumps({"id_str": str(number), "text": f"post {number} {body}{link}"})
