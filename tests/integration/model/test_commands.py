"""The commands that evaluate a stored model and cross-fit over golden labels."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from include.infra.postgres.connection import connect
from include.model.registry.store import ModelStore
from include.schema.dataset_tables import VersionTables
from include.settings import PROJECT_ROOT, Settings
from tests.support.datasets.labelled_posts import fill_version, make_posts
from tests.support.models.trained_version import GOLDEN, HELD_OUT, LEARNED, POSTS, VERSION

pytestmark = pytest.mark.stack


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
