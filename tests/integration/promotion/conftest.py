"""A model server to promote to, golden labels to judge by, and one server for all scorings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from include.infra.processes.ports import free_ports
from include.promotion.ledger.entry import LedgerEntry
from include.promotion.ledger.ledger import Ledger
from include.settings import Settings
from tests.support.models import tiny_models
from tests.support.models.model_in_store import DATASET_VERSION, MakeModel, add_model, fill
from tests.support.models.model_server import model_server
from tests.support.promotion.scoring_server import SharedScoringServer, shared_scoring_server
from tests.support.promotion.whole_promotion import promote

Store = Callable[[MakeModel], int]


@pytest.fixture(scope="session")
def database(database: Settings) -> Settings:
    """With the rights of a task."""
    return database.as_role("tasks")


@pytest.fixture(scope="session")
def model_host(database: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a running model server that every module promotes its own model to."""
    folder = tmp_path_factory.mktemp("model_host")
    changes = {"serving_port": free_ports(1)[0], "serving_root": folder / "serving"}
    settings = database.model_copy(update=changes)
    with model_server(settings.serving_port, settings.serving_dir / "models.config", folder / "logs"):
        yield settings


@pytest.fixture(scope="session")
def labelled(database: Settings) -> int:
    """The number of a dataset version with golden labels, as many as the gate needs."""
    fill(database, DATASET_VERSION)
    return DATASET_VERSION


@pytest.fixture(scope="module")
def own_model(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Settings], Settings]:
    """Gives settings a model name and a model store that no other module has."""
    name = request.module.__name__.rpartition(".")[2]
    changes = {"model_name": f"{name}_clf", "model_store": tmp_path_factory.mktemp(name) / "models"}
    return lambda settings: settings.model_copy(update=changes)


@pytest.fixture(scope="module")
def production(model_host: Settings, own_model: Callable[[Settings], Settings], labelled: int) -> Settings:
    """A running server on which nothing of the module's model is in service."""
    return own_model(model_host)


@pytest.fixture(scope="session")
def scoring_process() -> Iterator[SharedScoringServer]:
    with shared_scoring_server() as server:
        yield server


@pytest.fixture(scope="module")
def shared_scoring(scoring_process: SharedScoringServer) -> Iterator[None]:
    """Scorings of the module don't start a server each; what they start is tested in test_scoring_server."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("include.promotion.scoring.score.scoring_server", scoring_process)
        yield


@pytest.fixture(scope="module")
def gated(database: Settings, own_model: Callable[[Settings], Settings], labelled: int) -> Settings:
    """A model store and golden labels; production itself is not asked for anything."""
    return own_model(database)


@pytest.fixture(scope="module")
def champion(gated: Settings) -> int:
    """In service according to the ledger: right on every golden row."""
    version = add_model(gated, DATASET_VERSION, tiny_models.classifier)
    Ledger(gated, "local").write(LedgerEntry("promote", None, version, "the first", "ann"), "promoted")
    return version


@pytest.fixture(scope="module")
def store(production: Settings) -> Store:
    """Puts a tiny model into the store, as a training would; returns its version."""
    return lambda make: add_model(production, DATASET_VERSION, make)


@pytest.fixture(scope="module")
def first(production: Settings, store: Store, shared_scoring: None) -> int:
    """In service."""
    version = store(tiny_models.classifier)
    result = promote(version, production, "ann", "the first")
    assert (result.outcome, result.previous_version, result.verdict) == ("promoted", None, "PASS")
    return version
