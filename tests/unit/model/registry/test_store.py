"""The store of trained models."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.model.registry.store import ModelStore, NoModel
from include.settings import Settings


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(Settings(state_dir=tmp_path))


def put(store: ModelStore, version: int) -> None:
    with store.staging(version) as folder:
        (folder / "saved_model.pb").touch()


def test_versions_appear_when_complete(store: ModelStore) -> None:
    for version in (2, 10):
        put(store, version)
    with store.staging(11):
        assert store.versions() == [2, 10]
        assert store.latest() == 10
    assert store.path(10).name == "10"


def test_a_failure_leaves_nothing(store: ModelStore) -> None:
    def fail() -> None:
        with store.staging(1) as folder:
            (folder / "saved_model.pb").touch()
            raise KeyError("stop")

    with pytest.raises(KeyError):
        fail()
    assert list(store.folder.iterdir()) == []


def test_a_version_is_never_written_twice(store: ModelStore) -> None:
    put(store, 1)
    with pytest.raises(FileExistsError, match="version 1 is already in the store"):
        put(store, 1)


def test_what_is_missing_is_named(store: ModelStore) -> None:
    with pytest.raises(NoModel, match=r"no model in the store .* train_classifier") as caught:
        store.latest()
    assert str(store.folder) in str(caught.value)
    put(store, 4)
    with pytest.raises(NoModel, match=r"model version 3 is not in the store .* there: 4"):
        store.path(3)
