"""Training on a real database: from soft labels to a model in the store, and its evaluation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from include.infra.postgres.connection import connect
from include.model.evaluation.predictions import CrossFittedAnswers
from include.model.registry.store import ModelStore, NoModel
from include.posts.text import text_hash
from include.schema.dataset_tables import MissingTable, VersionTables
from include.settings import PROJECT_ROOT, Settings
from tests.support.labelled_posts import add_golden, fill_version, make_posts

pytestmark = pytest.mark.stack

VERSION = 7001
POSTS = make_posts(900)
LEARNED = [(text, int(p > 0.5)) for text, p in POSTS[300:380]]
HELD_OUT = [(text, int(p > 0.5)) for text, p in POSTS[:20]]
"""In the test split: only ever measured on."""
GOLDEN = LEARNED + HELD_OUT


@pytest.fixture(scope="module")
def trained(database: Settings) -> tuple[Settings, int]:
    from include.model.train import train_classifier

    splits: dict[str, Sequence[tuple[str, float | None]]] = {
        "test": POSTS[:120],
        "dev": POSTS[120:240],
        "snorkel_train": POSTS[240:500],
        "train": [*POSTS[500:880], *((text, None) for text, _ in POSTS[880:])],
    }
    with connect(database) as connection:
        fill_version(connection, VersionTables.of(VERSION, database), splits)
        for text, label in GOLDEN:
            add_golden(connection, text, label)
    return database, train_classifier(VERSION, database, epochs=8, seed=3)


@pytest.fixture(scope="module")
def report(trained: tuple[Settings, int]) -> dict:
    settings, number = trained
    return ModelStore(settings).metrics(number)


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
    from include.model.training.saved_model import SavedModel

    settings, number = trained
    store, texts = ModelStore(settings), [text for text, _ in POSTS[:200]]
    again = train_classifier(str(VERSION), settings, epochs=8, seed=3)
    assert again > number
    first, second = (SavedModel(store.path(n)).probabilities(texts) for n in (number, again))
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
    from include.model import train

    settings, _ = trained
    store = ModelStore(settings)
    before = sorted(path.name for path in store.folder.iterdir())
    monkeypatch.setattr(train, "save_plots", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        train.train_classifier(VERSION, settings, epochs=1, seed=3)
    assert sorted(path.name for path in store.folder.iterdir()) == before


def run(settings: Settings, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"TWEETSIEVE_STATE_DIR": str(settings.state_dir)}
    return subprocess.run(
        [sys.executable, "-m", f"include.model.{module}", *arguments],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
    )


class TestCrossfitCommand:
    def test_prints_one_object_and_writes_a_report(self, trained: tuple[Settings, int]) -> None:
        settings, _ = trained
        ended = run(settings, "crossfit", "--version", str(VERSION), "--folds", "3")
        assert ended.returncode == 0, ended.stderr
        found = json.loads(ended.stdout)
        assert (found["n"], found["folds"], found["golden_in_test"]) == (len(GOLDEN), 3, len(HELD_OUT))
        assert found["f1"] > 0.9
        assert found["baselines"].keys() == {"keyword_rule", "tfidf_lr", "golden_only_tfidf_lr"}
        assert all(one["n"] == len(GOLDEN) for one in found["baselines"].values())
        assert sum(fold["n"] for fold in found["by_fold"]) == len(GOLDEN)
        report = Path(found["report"])
        assert report.is_relative_to(ModelStore(settings).folder)
        assert f"{found['f1']:.3f}" in report.read_text(encoding="utf-8")
        assert json.loads(report.with_suffix(".json").read_text())["f1"] == found["f1"]
        assert ModelStore(settings).versions(), "the report is not taken for a model"

    def test_held_out_labels_are_measured_and_kept_from_learning(
        self, trained: tuple[Settings, int], tmp_path: Path
    ) -> None:
        settings, _ = trained
        file, fresh, known = tmp_path / "held.jsonl", POSTS[400:430], GOLDEN[0]
        rows = [(text, int(p > 0.5)) for text, p in fresh] + [known, ("Our cat sleeps", 0)]
        file.write_text("".join(json.dumps({"id_str": "1", "text": t, "label": y}) + "\n" for t, y in rows))
        ended = run(settings, "crossfit", "--version", str(VERSION), "--folds", "3", "--held-out", str(file))
        assert ended.returncode == 0, ended.stderr
        found = json.loads(ended.stdout)
        held = found["held_out"]
        assert (held["n"], held["near_golden"]) == (len(fresh) + 1, 1)
        assert held["weak_rows_taken_out"] == len(fresh)
        assert found["weak_rows"] == 260 + 380 - len(LEARNED) - len(fresh)
        assert held["f1"] > 0.9
        assert held["baselines"].keys() == held["f1_differences"].keys() == {"keyword_rule", "tfidf_lr"}
        assert "## On held-out labels" in Path(found["report"]).read_text(encoding="utf-8")
        file.write_text(json.dumps({"id_str": "1", "text": known[0], "label": known[1]}) + "\n")
        ended = run(settings, "crossfit", "--version", str(VERSION), "--held-out", str(file))
        assert ended.returncode == 2
        assert "of 1 held-out posts 1 have a golden label" in ended.stderr

    def test_too_few_golden_labels(self, trained: tuple[Settings, int]) -> None:
        settings, _ = trained
        posts = make_posts(200, seed=4)
        splits = {"test": [], "dev": posts[:60], "snorkel_train": posts[60:], "train": []}
        with connect(settings) as connection:
            fill_version(connection, VersionTables.of(7004, settings), splits)
        ended = run(settings, "crossfit", "--version", "7004")
        assert ended.returncode == 2
        assert ended.stdout == ""
        assert "version 7004 has too few golden labels (there: 0" in ended.stderr


class TestEvaluateCommand:
    def test_prints_one_object_and_nothing_else(self, trained: tuple[Settings, int], tmp_path: Path) -> None:
        settings, number = trained
        golden = tmp_path / "golden.jsonl"
        rows = [{"id_str": str(i), "text": text, "label": label} for i, (text, label) in enumerate(GOLDEN)]
        golden.write_text("".join(json.dumps(row) + "\n" for row in rows))
        ended = run(settings, "evaluate", "--golden", str(golden), "--model", str(number))
        assert ended.returncode == 0, ended.stderr
        found = json.loads(ended.stdout)
        assert found["n"] == len(GOLDEN)
        assert found["model"] == number
        assert found["seen_in_training"] == 0
        assert found["cross_fitted"] == len(LEARNED)
        assert found["f1_interval"][0] <= found["f1"] <= found["f1_interval"][1]
        for name in ("keyword_rule", "tfidf_lr"):
            assert found["baselines"][name].keys() >= {"n", "precision", "recall", "f1", "f1_interval", "auc"}
            assert found["baselines"][name]["average_precision"] is not None
        assert found["f1"] == ModelStore(settings).metrics(number)["golden"]["model"]["f1"]

    def test_errors(self, trained: tuple[Settings, int], tmp_path: Path) -> None:
        golden = tmp_path / "golden.jsonl"
        golden.write_text('{"id_str": "1", "text": "a", "label": 1}\n{"id_str": "2", "label": 0}\n')
        ended = run(trained[0], "evaluate", "--golden", str(golden))
        assert ended.returncode == 2
        assert ended.stdout == ""
        assert f"{golden}, line 2: the column text is missing" in ended.stderr


def test_an_empty_store_names_itself_and_the_dag(tmp_path: Path) -> None:
    store = ModelStore(Settings(state_dir=tmp_path))
    with pytest.raises(NoModel, match="train_classifier") as caught:
        store.latest()
    assert str(tmp_path) in str(caught.value)
