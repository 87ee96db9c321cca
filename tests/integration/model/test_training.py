"""Training on a real database: from soft labels to a model in the store."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from include.infra.postgres.connection import connect
from include.model.evaluation.predictions import CrossFittedAnswers
from include.model.registry.store import ModelStore
from include.posts.text import text_hash
from include.schema.dataset_tables import MissingTable, VersionTables
from include.settings import Settings
from tests.support.datasets.labelled_posts import fill_version, make_posts
from tests.support.models.trained_version import GOLDEN, HELD_OUT, LEARNED, POSTS, VERSION

pytestmark = pytest.mark.stack


def test_it_is_in_the_store_and_in_the_table(trained: tuple[Settings, int]) -> None:
    settings, number = trained
    store = ModelStore(settings)
    assert number in store.versions()
    assert store.latest() >= number
    files = {path.name for path in store.report(number).iterdir()}
    assert {
        "metrics.json",
        "model_card.md",
        "pr_golden.png",
        "confusion_weak.png",
        "calibration_golden.png",
        "slices_golden.png",
    } <= files
    assert not list(store.folder.glob(".*"))
    with connect(settings) as connection:
        row = connection.execute(
            "SELECT dataset_version, path, metrics->>'threshold', completed_at IS NOT NULL "
            "FROM model_version WHERE model_version = %s",
            [number],
        ).fetchone()
    assert row is not None
    assert row[0] == VERSION
    assert row[1] == str(store.path(number))
    assert row[3]


def test_it_learned(report: dict) -> None:
    assert report["golden"]["model"]["n"] == len(GOLDEN)
    assert report["golden"]["model"]["f1"] > 0.9
    assert report["weak"]["model"]["auc"] > 0.95
    assert report["golden"].keys() == report["weak"].keys() == {"model", "keyword_rule", "tfidf_lr"}
    low, high = report["golden"]["model"]["f1_interval"]
    assert low <= report["golden"]["model"]["f1"] <= high


def test_what_was_learned_from(trained: tuple[Settings, int], report: dict) -> None:
    assert report["training"]["rows"] == 260 + 380 - len(LEARNED), "weak labels of golden posts are not used"
    assert report["counts"]["abstaining"] == 20
    assert report["training"]["golden_rows"] == report["golden_cross_fitted"] == len(LEARNED)
    settings, number = trained
    kept = CrossFittedAnswers.load(ModelStore(settings).report(number))
    assert kept.learned([text_hash(text) for text, _ in LEARNED]).all()
    assert not kept.learned([text_hash(text) for text, _ in HELD_OUT]).any()
    assert report["threshold_chosen_on"].startswith(f"{len(LEARNED)} golden labels outside the test split")


def test_the_card(trained: tuple[Settings, int], report: dict) -> None:
    settings, number = trained
    card = ModelStore(settings).card(number)
    assert card == ModelStore(settings).card()
    assert f"version {number}" in card
    assert f"For the {len(LEARNED)} golden posts that it learned from" in card
    for kind, parts in report["slices"].items():
        assert sum(part["n"] for part in parts.values()) == len(GOLDEN)
        assert f"| {kind} |" in card
    behaviour = report["behaviour"]
    assert f"{behaviour['passed']} of {behaviour['cases']} behavioural tests passed" in card
    assert all(failure["texts"][0] in card for failure in behaviour["failures"])


def test_the_served_form(trained: tuple[Settings, int]) -> None:
    """Loaded with nothing of ours, in a process that has none of our modules."""
    settings, number = trained
    program = (
        "import sys, tensorflow as tf\n"
        "serve = tf.saved_model.load(sys.argv[1]).signatures['serving_default']\n"
        "texts = ['deep learning', '', '\\u00e9\\U0001f642 tea', b'\\xff\\x00', 'x' * 10000]\n"
        "out = serve(text=tf.constant(texts))\n"
        "assert set(out) == {'ai_prob', 'model_version'}, out\n"
        "assert out['ai_prob'].dtype == tf.float32 and out['ai_prob'].shape == (5,), out\n"
        "assert out['model_version'].dtype == tf.int64\n"
        "assert set(out['model_version'].numpy()) == {int(sys.argv[2])}, out\n"
        "assert all(0 <= p <= 1 for p in out['ai_prob'].numpy()), out\n"
        "assert serve(text=tf.constant([], tf.string))['ai_prob'].shape == (0,)\n"
    )
    path = str(ModelStore(settings).path(number))
    ended = subprocess.run(
        [sys.executable, "-c", program, path, str(number)],
        cwd="/",
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert ended.returncode == 0, ended.stderr


def test_the_same_seed_gives_the_same_model(trained: tuple[Settings, int]) -> None:
    from include.model.train import train_classifier
    from include.model.training.saved_model import LoadedModel

    settings, number = trained
    store, texts = ModelStore(settings), [text for text, _ in POSTS[:200]]
    again = train_classifier(str(VERSION), settings, epochs=8, seed=3)
    assert again > number
    first, second = (LoadedModel(store.path(n)).probabilities(texts) for n in (number, again))
    np.testing.assert_allclose(first, second, atol=1e-4)
    assert store.metrics(number)["data_hash"] == store.metrics(again)["data_hash"]


def test_missing_tables_and_labels_name_the_dag(database: Settings) -> None:
    from include.model.train import train_classifier
    from include.model.training.data import TooFewLabels

    with pytest.raises(MissingTable, match="build_dataset"):
        train_classifier(7002, database)
    unlabelled = [(text, None) for text, _ in make_posts(40, seed=9)]
    with connect(database) as connection:
        splits = {
            "test": unlabelled[:5],
            "dev": unlabelled[5:10],
            "snorkel_train": [],
            "train": unlabelled[10:],
        }
        fill_version(connection, VersionTables.of(7003, database), splits)
    with pytest.raises(TooFewLabels, match="label_dataset"):
        train_classifier(7003, database)


def test_a_failed_training_leaves_nothing_in_the_store(
    trained: tuple[Settings, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from include.model.reports import training_report
    from include.model.train import train_classifier

    settings, _ = trained
    store = ModelStore(settings)
    before = sorted(path.name for path in store.folder.iterdir())
    monkeypatch.setattr(training_report, "save_plots", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        train_classifier(VERSION, settings, epochs=1, seed=3)
    assert sorted(path.name for path in store.folder.iterdir()) == before
