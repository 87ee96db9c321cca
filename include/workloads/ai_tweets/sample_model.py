"""A small real model with the main job's signature.

``python -m include.workloads.ai_tweets.sample_model 1`` puts it into service as version 1.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

import tensorflow as tf

from include.console.arguments import CommandParser, whole_number
from include.console.command import command
from include.serving.config import STABLE, ModelConfig, config_file, write_config
from include.settings import Settings, get_settings


class HashedText(tf.Module):
    """Probabilities that depend on nothing but the text's hash."""

    def __init__(self, version: int) -> None:
        super().__init__()
        self._version = version

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def serve(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Probability and version of each text."""
        probability = tf.cast(tf.strings.to_hash_bucket_fast(text, 1000), tf.float32) / 1000.0
        versions = tf.fill(tf.shape(text), tf.constant(self._version, tf.int64))
        return {"ai_prob": probability, "model_version": versions}


def put_into_service(version: int, settings: Settings) -> None:
    """Write the model to the store and to the model server's folder, and have it served as ``stable``."""
    model, name = HashedText(version), settings.model_name
    stored = settings.models_dir / name / str(version)
    tf.saved_model.save(model, str(stored), signatures=model.serve)
    served = settings.serving_dir / name
    shutil.copytree(stored, served / str(version), dirs_exist_ok=True)
    config = ModelConfig(name, str(served), (version,), {STABLE: version})
    write_config(config_file(settings), [config])


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Put it into service."""
    parser = CommandParser("include.workloads.ai_tweets.sample_model", __doc__)
    parser.add_argument("version", type=whole_number(1), help="the model version's number")
    put_into_service(parser.parse_args(argv).version, get_settings())
    return 0


if __name__ == "__main__":
    sys.exit(main())
