"""The folder of published models."""

from __future__ import annotations

from pathlib import Path

import pytest

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


def test_a_leftover_of_something_else_is_replaced(published: PublishedModels, model: Path) -> None:
    served = published.folder / "5"
    served.mkdir(parents=True)
    (served / "saved_model.pb").write_text("half of a model")
    published.publish(5, model)
    assert (served / "saved_model.pb").read_text() == "saved_model.pb"
    assert (model / "saved_model.pb").read_text() == "saved_model.pb"
