"""Which version is in service, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from include.model.registry.store import NoModel
from include.settings import Settings
from include.workloads.spark_ml.model.store import (
    CONTRACT_FILE,
    OtherModel,
    PipelineStore,
    contract,
    files_hash,
)
from include.workloads.spark_ml.stream.transform import ready


def stored(settings: Settings, version: int, **changes: object) -> None:
    folder = PipelineStore(settings).folder / str(version)
    folder.mkdir(parents=True)
    (folder / CONTRACT_FILE).write_text(json.dumps({**contract(), **changes}))


@pytest.fixture
def own(settings: Settings, tmp_path: Path) -> Settings:
    return settings.model_copy(update={"state_dir": tmp_path})


def test_a_version_is_named_and_an_earlier_one_takes_it_back(own: Settings) -> None:
    store = PipelineStore(own)
    assert (store.in_service(), "train_spark_ml" in (ready(own) or "")) == (None, True)
    stored(own, 3)
    stored(own, 4)
    for version in (4, 3):
        store.put_into_service(version, "a test")
        assert (store.in_service(), ready(own)) == (version, None)
    assert store.versions() == [3, 4]


def test_what_is_not_there_or_of_other_features_is_refused(own: Settings) -> None:
    store = PipelineStore(own)
    stored(own, 3)
    stored(own, 4, features=["x"])
    store.put_into_service(3, "a test")
    with pytest.raises(NoModel, match=r"model version 5 .*versions there: 3, 4.*train_spark_ml"):
        store.put_into_service(5, "a test")
    with pytest.raises(OtherModel, match="has other features than this release"):
        store.put_into_service(4, "a test")
    assert store.in_service() == 3


def test_the_hash_is_that_of_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("12")
    (tmp_path / "b").write_text("3")
    before = files_hash(tmp_path)
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("23")
    assert files_hash(tmp_path) != before
