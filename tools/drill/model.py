"""A small real model for the drill, with the project's own signature: ``python -m tools.drill.model 1``."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

from include.settings import PROJECT_ROOT


def serve(version: int, environment: Mapping[str, str]) -> None:
    """Put the model into service as ``version``; TensorFlow stays in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.drill.model", str(version)],
        cwd=PROJECT_ROOT, env=dict(environment), check=False, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"the drill's model could not be made:\n{done.stderr[-4000:]}")


def main() -> None:
    """Write the model and the model server's configuration."""
    import tensorflow as tf

    from include.serving.config import ModelConfig, write_config
    from include.settings import get_settings

    version, settings = int(sys.argv[1]), get_settings()

    class Model(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
        def serve(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
            probability = tf.cast(tf.strings.to_hash_bucket_fast(text, 1000), tf.float32) / 1000.0
            versions = tf.fill(tf.shape(text), tf.constant(version, tf.int64))
            return {"ai_prob": probability, "model_version": versions}

    model, base = Model(), settings.serving_dir / settings.model_name
    tf.saved_model.save(model, str(base / str(version)), signatures=model.serve)
    config = ModelConfig(settings.model_name, str(base), (version,), {"stable": version})
    write_config(settings.serving_dir / "models.config", [config])


if __name__ == "__main__":
    main()
