"""The model inside the process: loaded once, and it follows the version in service without a restart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from include.model.registry.store import ModelStore
from include.serving.config import STABLE, ModelConfig, write_config
from include.settings import Settings
from include.streaming.registry import workload_named
from include.streaming.scorer_choices import SavedModel
from include.streaming.scorers.base import NotNow, Refused
from include.streaming.scorers.saved_model import SavedModelScorer
from tests.support.streaming.scorers import probabilities, texts

pytestmark = pytest.mark.learning

POISON = "poison"
DECLARED = cast(SavedModel, workload_named("ai_tweets", Settings(_env_file=None)).scorers["saved_model"])

Publish = Callable[..., Settings]


@pytest.fixture
def publish(tmp_path: Path) -> Publish:
    """Puts a version into store and service: it answers version / 10, and refuses POISON."""
    import tensorflow as tf

    settings = Settings(_env_file=None, state_dir=tmp_path)

    def make(version: int, *, in_service: bool = True) -> Settings:
        class Model(tf.Module):
            @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
            def serve(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
                bad = tf.reduce_any(tf.equal(text, POISON))
                with tf.control_dependencies([tf.debugging.assert_equal(bad, False)]):
                    probability = tf.fill(tf.shape(text), tf.constant(version / 10, tf.float32))
                return {"ai_prob": probability}

        store, model = ModelStore(settings), Model()
        tf.saved_model.save(model, str(store.folder / str(version)), signatures=model.serve)
        if in_service:
            base = str(settings.serving_dir / settings.model_name)
            config = ModelConfig(settings.model_name, base, (version,), {STABLE: version})
            settings.serving_dir.mkdir(exist_ok=True)
            write_config(settings.serving_dir / "models.config", [config])
        return settings

    return make


def scorer(settings: Settings, declared: SavedModel = DECLARED, **kind: Any) -> SavedModelScorer:
    return SavedModelScorer(declared, {"model": settings.model_name}, settings, **{"promoted": True, **kind})


def test_a_promotion_changes_the_version_of_each_row_without_a_restart(publish: Publish) -> None:
    scoring = scorer(publish(1), replace(DECLARED, batch=2, refresh=0))
    assert scoring.ready() is None
    first = scoring.score(texts("a", "b", "c"))
    assert first.versions.to_pylist() == ["1"] * 3
    assert probabilities(first) == pytest.approx([0.1] * 3)
    publish(2)
    assert scoring.score(texts("a")).versions.to_pylist() == ["2"]


def test_a_version_that_cannot_be_loaded_leaves_the_one_before(publish: Publish) -> None:
    settings = publish(3)
    scoring = scorer(settings, replace(DECLARED, refresh=0))
    scoring.score(texts("a"))
    publish(4)
    (ModelStore(settings).folder / "4" / "saved_model.pb").write_bytes(b"broken")
    assert scoring.score(texts("a")).versions.to_pylist() == ["3"]


def test_poison_is_found_and_the_rest_goes_through(publish: Publish) -> None:
    scores = scorer(publish(5)).score(texts("a", "b", POISON, "c"))
    assert scores.refused == {2: "model refused it"}
    assert probabilities(scores) == [pytest.approx(0.5), pytest.approx(0.5), None, pytest.approx(0.5)]


def test_a_canary_is_one_version_whatever_is_in_service_and_waits_for_nothing(publish: Publish) -> None:
    publish(6)
    settings = publish(7, in_service=False)
    canary = scorer(settings, version=7)
    assert canary.score_at_once(texts("a", "b")).versions.to_pylist() == ["7", "7"]
    with pytest.raises(Refused):
        canary.score_at_once(texts("a", POISON))
    with pytest.raises(NotNow, match="version 8 can't be loaded"):
        scorer(settings, version=8).score_at_once(texts("a"))


def test_a_model_that_is_not_promoted_is_the_largest_in_the_store(publish: Publish) -> None:
    publish(1)
    settings = publish(2, in_service=False)
    assert scorer(settings, promoted=False).score(texts("a")).versions.to_pylist() == ["2"]


@pytest.mark.parametrize(("promoted", "why"), [(True, "promote_model"), (False, "no version of the model")])
def test_without_a_model_it_tells_what_is_missing(promoted: bool, why: str, tmp_path: Path) -> None:
    assert why in (scorer(Settings(_env_file=None, state_dir=tmp_path), promoted=promoted).ready() or "")
