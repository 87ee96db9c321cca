"""The folder of published models."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from include.model.registry.stored_model import files_hash
from include.promotion.targets.local.published import PublishedModels
from include.serving.config import config_file
from include.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path)


@pytest.fixture
def published(settings: Settings) -> PublishedModels:
    return PublishedModels(settings)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "store" / "5"
    (folder / "variables").mkdir(parents=True)
    (folder / "report").mkdir()
    for name in ("saved_model.pb", "variables/variables.index", "report/metrics.json"):
        (folder / name).write_text(name)
    return folder


def test_publishing_serves_nothing(published: PublishedModels, model: Path, settings: Settings) -> None:
    published.publish(5, model)
    published.publish(5, model)
    served = published.folder / "5"
    assert sorted(path.name for path in served.rglob("*") if path.is_file()) == [
        "saved_model.pb",
        "variables.index",
    ]
    assert not config_file(settings).exists()
    published.withdraw(5)
    published.withdraw(5)
    assert not served.exists()


def test_another_user_may_read_a_published_model_whatever_the_store_and_the_umask_are(
    published: PublishedModels, model: Path
) -> None:
    (model / "saved_model.pb").chmod(0o600)
    (model / "variables").chmod(0o700)
    before = os.umask(0o077)
    try:
        published.publish(5, model)
    finally:
        os.umask(before)
    found = {
        path: stat.S_IMODE(path.stat().st_mode) for path in (published.folder, *published.folder.rglob("*"))
    }
    assert len(found) == 5
    assert all(mode == (0o755 if path.is_dir() else 0o644) for path, mode in found.items()), found


def test_a_change_in_the_store_does_not_reach_what_is_published(
    published: PublishedModels, model: Path
) -> None:
    published.publish(5, model)
    (model / "saved_model.pb").write_text("changed")
    assert (published.path(5) / "saved_model.pb").read_text() == "saved_model.pb"


@pytest.mark.parametrize("kind", ["link", "mode", "more"])
def test_what_an_earlier_release_published_is_published_anew(
    published: PublishedModels, model: Path, kind: str
) -> None:
    published.publish(5, model)
    served = published.path(5) / "saved_model.pb"
    if kind == "link":
        served.unlink()
        os.link(model / "saved_model.pb", served)
    elif kind == "mode":
        served.chmod(0o600)
    else:
        (published.path(5) / "assets.extra").mkdir()
        (published.path(5) / "assets.extra" / "more").touch()
    published.publish(5, model)
    assert stat.S_IMODE(served.stat().st_mode) == 0o644
    assert served.stat().st_nlink == 1
    assert files_hash(published.path(5)) == files_hash(model)


def test_a_leftover_of_something_else_is_replaced(published: PublishedModels, model: Path) -> None:
    served = published.folder / "5"
    served.mkdir(parents=True)
    (served / "saved_model.pb").write_text("half of a model")
    published.publish(5, model)
    assert (served / "saved_model.pb").read_text() == "saved_model.pb"
    assert (model / "saved_model.pb").read_text() == "saved_model.pb"
