"""Tiny models of which the first is in service, without a gate."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from include.settings import Settings
from tests.support.models import tiny_models
from tests.support.models.model_in_store import DATASET_VERSION, add_model
from tests.support.promotion.rollouts import rollout_of

Store = Callable[..., int]


@pytest.fixture(scope="module")
def store(production: Settings) -> Store:
    """Puts a tiny model into the store; returns its version."""

    def add(**arguments: Any) -> int:
        return add_model(production, DATASET_VERSION, partial(tiny_models.classifier, **arguments))

    return add


@pytest.fixture(scope="module")
def first(production: Settings, store: Store) -> int:
    """In service."""
    version = store()
    assert rollout_of(production, version).run() == version
    return version
