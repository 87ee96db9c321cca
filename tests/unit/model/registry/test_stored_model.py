"""A stored model is read once, and its report is no part of what is served."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from include.model.registry.store import NoModel
from include.model.registry.stored_model import StoredModel, served_files
from include.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(model_store=tmp_path)


@pytest.fixture
def folder(settings: Settings) -> Path:
    folder = settings.models_dir / settings.model_name / "3"
    for name, text in {
        "saved_model.pb": "graph",
        "variables/variables.index": "weights",
        "report/metrics.json": json.dumps({"dataset_version": 7, "threshold": 0.25}),
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_it_has_what_the_store_says_of_a_version(settings: Settings, folder: Path) -> None:
    model = StoredModel.read(3, settings)
    assert (model.version, model.folder, model.report) == (3, folder, folder / "report")
    assert (model.dataset_version, model.threshold) == (7, 0.25)
    assert model.size == len("graph") + len("weights")


def test_a_version_that_is_not_there_is_named(settings: Settings, folder: Path) -> None:
    with pytest.raises(NoModel, match=r"model version 4 .*versions there: 3"):
        StoredModel.read(4, settings)


def test_the_hash_is_of_what_is_served_alone(settings: Settings, folder: Path) -> None:
    assert [str(name) for name in served_files(folder)] == ["saved_model.pb", "variables/variables.index"]
    before = StoredModel.read(3, settings).files_hash
    (folder / "report" / "gate.md").write_text("PASS")
    assert StoredModel.read(3, settings).files_hash == before
    (folder / "variables" / "variables.index").write_text("other weights")
    assert StoredModel.read(3, settings).files_hash != before
