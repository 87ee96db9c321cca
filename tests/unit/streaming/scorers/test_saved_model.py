"""The scorer in the worker: loaded once, and it follows the version in service without a restart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from include.model.registry.store import ModelStore
from include.promotion.targets.local import STABLE, LocalTarget
from include.serving.config import ModelConfig, write_config
from include.settings import Settings
from include.streaming.scorers.factory import worker_scorer
from include.streaming.workload import SavedModel

pytestmark = pytest.mark.learning

POISON = "poison"


@pytest.fixture
def publish(tmp_path: Path) -> Callable[[int], Settings]:
    """Puts a version into store and service: it answers version / 10, and refuses POISON."""
    import tensorflow as tf

    settings = Settings(_env_file=None, state_dir=tmp_path)

    def make(version: int) -> Settings:
        class Model(tf.Module):
            @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
            def serve(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
                bad = tf.reduce_any(tf.equal(text, POISON))
                with tf.control_dependencies([tf.debugging.assert_equal(bad, False)]):
                    probability = tf.fill(tf.shape(text), tf.constant(version / 10, tf.float32))
                versions = tf.fill(tf.shape(text), tf.constant(version, tf.int64))
                return {"ai_prob": probability, "model_version": versions}

        store, target, model = ModelStore(settings), LocalTarget(settings), Model()
        tf.saved_model.save(model, str(store.folder / str(version)), signatures=model.serve)
        (settings.serving_dir / settings.model_name).mkdir(parents=True, exist_ok=True)
        target.publish(version, store.path(version))
        base = str(settings.serving_dir / settings.model_name)
        config = ModelConfig(settings.model_name, base, (version,), {STABLE: version})
        write_config(settings.serving_dir / "models.config", [config])
        return settings

    return make


def test_a_promotion_changes_the_version_of_each_row_without_a_restart(publish: Callable) -> None:
    settings = publish(1)
    declared = SavedModel(batch=2, refresh=0)
    scorer = worker_scorer(declared, settings)
    assert scorer.ready() is None
    first = scorer.score(["a", "b", "c"])
    assert first.model_versions.tolist() == [1, 1, 1]
    assert first.probabilities == pytest.approx([0.1] * 3)
    publish(2)
    assert worker_scorer(declared, settings) is scorer
    assert scorer.score(["a"]).model_versions.tolist() == [2]


def test_a_version_that_cannot_be_loaded_leaves_the_one_before(publish: Callable, tmp_path: Path) -> None:
    settings = publish(3)
    scorer = worker_scorer(SavedModel(refresh=0), settings)
    scorer.score(["a"])
    publish(4)
    (ModelStore(settings).folder / "4" / "saved_model.pb").write_bytes(b"broken")
    assert scorer.score(["a"]).model_versions.tolist() == [3]


def test_poison_is_found_and_the_rest_goes_through(publish: Callable) -> None:
    scores = worker_scorer(SavedModel(), publish(5)).score(["a", "b", POISON, "c"])
    assert scores.refused == {2: "model refused it"}
    assert scores.probabilities[[0, 1, 3]] == pytest.approx([0.5] * 3)


def test_without_a_model_it_says_what_to_run(tmp_path: Path) -> None:
    why = worker_scorer(SavedModel(), Settings(_env_file=None, state_dir=tmp_path)).ready()
    assert why is not None
    assert "promote_model" in why
