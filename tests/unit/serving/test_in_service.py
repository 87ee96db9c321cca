"""Which version a program that loads models itself is told to use."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.serving.config import ConfigError, ModelConfig, config_file, write_config
from include.serving.in_service import version_in_service
from include.settings import Settings
from tests.support.imports import loaded_by


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(serving_root=tmp_path)


def test_the_version_under_the_label_that_clients_ask_for(settings: Settings) -> None:
    write_config(
        config_file(settings),
        [
            ModelConfig("other", "/other", (9,), {"stable": 9}),
            ModelConfig(settings.model_name, "/m", (3, 4), {"stable": 3}),
        ],
    )
    assert version_in_service(settings) == 3
    assert version_in_service(settings, "other") == 9


def test_a_candidate_that_is_only_loaded_is_not_in_service(settings: Settings) -> None:
    assert version_in_service(settings) is None
    write_config(config_file(settings), [ModelConfig(settings.model_name, "/m", (1,))])
    assert version_in_service(settings) is None


def test_a_file_that_is_no_configuration_is_an_error(settings: Settings) -> None:
    config_file(settings).write_text("nonsense")
    with pytest.raises(ConfigError, match=str(config_file(settings))):
        version_in_service(settings)


def test_a_model_server_that_does_not_answer_is_an_os_error(settings: Settings) -> None:
    away = settings.model_copy(update={"promotion_target": "kubernetes", "serving_url": "http://127.0.0.1:1"})
    with pytest.raises(OSError, match=r"http://127.0.0.1:1"):
        version_in_service(away)


def test_a_worker_that_asks_loads_nothing_of_promotion_or_of_kubernetes() -> None:
    loaded = loaded_by("include.serving.in_service")
    assert not {
        name for name in loaded if name.startswith(("include.promotion", "kubernetes", "tensorflow."))
    }
