"""The workload ``ai_tweets`` under test: its messages, its model, its accounts."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from include.serving.client import ServingClient
from include.serving.config import ModelConfig, config_file, write_config
from include.settings import PROJECT_ROOT
from tests.support.streaming.stream import Stream, wait_until

POISON = "poison"
"""A text with this word in it is refused by the test's model."""

MAKE_MODEL = """
import sys
import tensorflow as tf
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
"""

WRONGLY_COUNTED_LINKS = """
SELECT count(*)
FROM (SELECT link, count(*) AS posts FROM ai_tweets, unnest(links) AS link GROUP BY link) AS counted
FULL JOIN links USING (link) WHERE counted.posts IS DISTINCT FROM links.posts
"""


@dataclass
class PostStream(Stream):
    """The stream of posts.

    Attributes:
        sent: the numbers of the posts that were sent.
    """

    sent: list[range] = field(default_factory=list)

    def serve(self, version: int, poison: str = POISON) -> None:
        """Put a model into service that refuses texts with ``poison`` in them; nothing else is served.

        A server that runs already refuses the file, as TensorFlow Serving does, where it moves a label to a
        version that is not loaded yet: see ``serve_next``.
        """
        base = self._store(version, poison)
        self._configure(ModelConfig(self.settings.model_name, str(base), (version,), {"stable": version}))

    def serve_next(self, version: int, *, after: int, poison: str) -> None:
        """Change a running server to another version, as a rollout does: loaded beside the first one."""
        base, name = self._store(version, poison), self.settings.model_name
        with ServingClient(self.settings.model_url, name) as client:
            self._configure(ModelConfig(name, str(base), (after, version), {"stable": after}))
            client.wait_available(version, 300)
        self._configure(ModelConfig(name, str(base), (version,), {"stable": version}))
        with ServingClient(self.settings.model_url, name, label="stable") as client:
            wait_until(
                lambda: client.serves(version), 300, lambda: f"version {version} did not come into service"
            )

    def _store(self, version: int, poison: str) -> Path:
        subprocess.run(
            [sys.executable, "-c", MAKE_MODEL, str(version), poison],
            cwd=PROJECT_ROOT, env=self.environment, check=True, capture_output=True,
        )  # fmt: skip
        return self.settings.serving_dir / self.settings.model_name

    def _configure(self, model: ModelConfig) -> None:
        write_config(config_file(self.settings), [model])

    def produce(self, count: int, *, first: int) -> None:
        """Messages with ids from ``first`` on: 1 % malformed, 1 % twice, one poisonous."""
        numbers = range(first, first + count)
        assert not any(numbers[0] in other or other[0] in numbers for other in self.sent), "sent before"
        self.sent.append(numbers)
        poisonous = first + count // 2
        for topic in (self.settings.ai_topic, self.settings.mix_topic):
            self.send(
                topic,
                [
                    (str(number), message(number, f"some {POISON} here" if number == poisonous else ""))
                    for number in numbers
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
