"""A model server with a handful of models that do not change, one for all tests here."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from include.infra.processes.ports import free_ports
from include.serving.config import ModelConfig, write_config
from tests.support.models import tiny_models
from tests.support.models.model_server import await_available, model_server
from tests.support.waiting import await_true


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serving")
    tiny_models.half_plus(folder / "half" / "1", 2)
    tiny_models.half_plus(folder / "half" / "2", 3)
    tiny_models.sums(folder / "sums" / "7")
    tiny_models.texts(folder / "texts" / "1")
    tiny_models.odd(folder / "odd" / "1")
    tiny_models.refusing(folder / "refusing" / "1")
    tiny_models.classifier(folder / "clf" / "4", 4)
    tiny_models.classifier(folder / "clf" / "5", 5, math.nan)
    tiny_models.classifier(folder / "clf" / "6", 6, 1.5)
    return folder


@pytest.fixture(scope="session")
def base_config(store: Path) -> list[ModelConfig]:
    def model(name: str, *versions: int, **labels: int) -> ModelConfig:
        return ModelConfig(name, str(store / name), versions, labels)

    return [
        model("half", 1, 2, stable=1, canary=2),
        model("sums", 7),
        model("texts", 1),
        model("odd", 1),
        model("refusing", 1),
        model("clf", 4, 5, 6, stable=4),
    ]


@pytest.fixture(scope="session")
def http(store: Path, base_config: list[ModelConfig]) -> Iterator[httpx.Client]:
    config = store / "models.config"
    write_config(config, base_config)
    with model_server(free_ports(1)[0], config, store / "logs") as client:
        for model in base_config:
            for version in model.versions:
                await_available(client, model.name, version)
        await_true(
            lambda: client.post("/v1/models/half/labels/stable:predict", json={"inputs": [1]}).is_success
        )
        yield client
