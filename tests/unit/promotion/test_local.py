"""The local target's folders and configuration file."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.promotion.errors import PromotionError
from include.promotion.local import LocalTarget
from include.promotion.target import make_target
from include.serving.config import ModelConfig, read_config, write_config
from include.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path)


@pytest.fixture
def target(settings: Settings) -> LocalTarget:
    return LocalTarget(settings)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "store" / "5"
    (folder / "variables").mkdir(parents=True)
    (folder / "report").mkdir()
    for name in ("saved_model.pb", "variables/variables.index", "report/metrics.json"):
        (folder / name).write_text(name)
    return folder


def test_publishing_serves_nothing(target: LocalTarget, model: Path, settings: Settings) -> None:
    target.publish(5, model)
    target.publish(5, model)
    served = settings.serving_dir / settings.model_name / "5"
    assert sorted(path.name for path in served.rglob("*") if path.is_file()) == [
        "saved_model.pb",
        "variables.index",
    ]
    assert target.current() is None
    target.withdraw(5)
    target.withdraw(5)
    assert not served.exists()


def test_a_leftover_of_something_else_is_replaced(
    target: LocalTarget, model: Path, settings: Settings
) -> None:
    served = settings.serving_dir / settings.model_name / "5"
    served.mkdir(parents=True)
    (served / "saved_model.pb").write_text("half of a model")
    target.publish(5, model)
    assert (served / "saved_model.pb").read_text() == "saved_model.pb"
    assert (model / "saved_model.pb").read_text() == "saved_model.pb"


def test_the_label_stays_until_the_new_one_is_to_serve(target: LocalTarget) -> None:
    target.load(5)
    target.serve(5)
    assert target.current() == 5
    target.load(4)
    (config,) = read_config(target.config_path)
    assert (config.versions, config.labels) == ((4, 5), {"stable": 5})
    assert target.current() == 5
    target.serve(4)
    (config,) = read_config(target.config_path)
    assert (config.versions, config.labels) == ((4,), {"stable": 4})
    target.serve(None)
    assert target.current() is None


def test_other_models_of_the_file_stay(target: LocalTarget) -> None:
    other = ModelConfig("other", "/other", (1,))
    write_config(target.config_path, [other])
    target.serve(5)
    assert other in read_config(target.config_path)


def test_an_unknown_target_is_named(settings: Settings) -> None:
    with pytest.raises(PromotionError, match="'moon' is unknown"):
        make_target(settings.model_copy(update={"promotion_target": "moon"}))
