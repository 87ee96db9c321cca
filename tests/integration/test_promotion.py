"""Promotion against a real model server and a real database: proof, refusal, the way back, the ledger."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from include.infra.postgres.connection import connect
from include.model.registry.store import ModelStore, NoModel
from include.promotion.approved import ApprovedPromotion
from include.promotion.errors import PromotionError, PromotionFailed, PromotionRefused
from include.promotion.evidence import evidence_hash
from include.promotion.ledger import Ledger
from include.promotion.one_process import current_version, promote, roll_out, rollback
from include.promotion.targets.local import LocalTarget
from include.promotion.tasks import decide, score_wanted, wanted_version
from include.serving.client import ServingClient
from include.settings import Settings
from tests.support import tiny_models
from tests.support.model_in_store import add_model, fill
from tests.support.model_server import model_server

pytestmark = pytest.mark.stack

VERSION = 7100
Store = Callable[..., int]


@pytest.fixture(scope="module")
def production(database: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A running server with nothing in service, and golden labels to judge by."""
    folder = tmp_path_factory.mktemp("production")
    settings = database.model_copy(
        update={
            "model_name": "promoted_clf",
            "model_store": folder / "models",
            "serving_root": folder / "serving",
        }
    )
    fill(settings, VERSION)
    with model_server(settings.serving_port, settings.serving_dir / "models.config", folder / "logs"):
        yield settings


@pytest.fixture(scope="module")
def store(production: Settings) -> Store:
    """Puts a tiny model into the store, as a training would; returns its version."""

    def add(make: Callable[[Path, int], None]) -> int:
        return add_model(production, VERSION, make)

    return add


@pytest.fixture(scope="module")
def first(production: Settings, store: Store) -> int:
    version = store(tiny_models.classifier)
    result = promote(version, production, "ann", "the first")
    assert (result.outcome, result.previous_version, result.verdict) == ("promoted", None, "PASS")
    return version


def ledger(settings: Settings) -> list[tuple]:
    with connect(settings) as connection:
        return connection.execute(
            "SELECT action, from_version, to_version, outcome FROM promotion "
            "WHERE model_name = %s ORDER BY id",
            [settings.model_name],
        ).fetchall()


def answering(settings: Settings) -> int:
    """The version that production's clients get, whether they ask by label or by nothing."""
    with (
        ServingClient(settings.model_url, settings.model_name) as plain,
        ServingClient(settings.model_url, settings.model_name, label="stable") as stable,
    ):
        served = stable.predict(["ai"]).model_version
        deadline = time.monotonic() + 60
        while not plain.serves(served):  # a version that has lost its label is unloaded at the next poll
            assert time.monotonic() < deadline, f"without the label, version {served} does not answer"
            time.sleep(0.1)
        return served


def test_an_empty_store_and_an_empty_ledger(production: Settings, tmp_path: Path) -> None:
    empty = production.model_copy(update={"model_store": tmp_path, "model_name": "nobody"})
    with pytest.raises(NoModel, match="train_classifier"):
        promote(None, empty)
    with pytest.raises(NoModel, match="train_classifier"):
        score_wanted(VERSION, None, empty)
    with pytest.raises(PromotionError, match="no promotion yet"):
        rollback(empty)


def test_no_server(production: Settings, first: int) -> None:
    away = production.model_copy(update={"serving_url": "http://127.0.0.1:1"})
    with pytest.raises(PromotionError, match=r"http://127.0.0.1:1.*make up"):
        promote(first, away)


def test_the_first_promotion(production: Settings, first: int) -> None:
    assert ledger(production)[0] == ("promote", None, first, "promoted")
    assert current_version(production) == answering(production) == first
    served = production.serving_dir / production.model_name / str(first)
    assert not (served / "report").exists()
    with connect(production) as connection:
        evidence, approver, reason, digest, override = connection.execute(
            "SELECT evidence, approver, reason, evidence_hash, override FROM promotion "
            "WHERE to_version = %s AND model_name = %s",
            [first, production.model_name],
        ).fetchone()  # type: ignore[misc]
    assert (approver, reason, override) == ("ann", "the first", False)
    assert evidence["gate"]["judged_by"] == "golden"
    assert evidence_hash(evidence["gate"]) == digest
    assert evidence["proof"]["in_service"]["largest_difference"] < 1e-5


def test_twice_changes_nothing(production: Settings, first: int) -> None:
    before = ledger(production)
    assert promote(first, production).outcome == "unchanged"
    assert decide("promote", VERSION, first, production) is None
    assert ledger(production) == before


def test_a_worse_one_is_refused(production: Settings, store: Store, first: int) -> None:
    always = store(lambda folder, version: tiny_models.classifier(folder, version, 0.9))
    with pytest.raises(PromotionRefused, match="says the same of nearly every post") as caught:
        promote(always, production)
    assert "its F1 differs by" in str(caught.value)
    assert ledger(production)[-1] == ("promote", first, always, "refused")
    assert current_version(production) == answering(production) == first


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda folder, version: tiny_models.broken(folder), "failed to load"),
        (
            lambda folder, version: tiny_models.classifier(folder, version, odd=float("nan")),
            "not a finite number",
        ),
        (lambda folder, version: tiny_models.classifier(folder, version + 1000), "model versions"),
    ],
    ids=["unreadable", "nan", "another version's name"],
)
def test_one_that_does_not_answer_properly_is_refused(
    production: Settings, store: Store, first: int, make: Callable[[Path, int], None], text: str
) -> None:
    version = store(make)
    with pytest.raises(PromotionRefused, match=text):
        promote(version, production)
    assert ledger(production)[-1] == ("promote", first, version, "refused")
    assert current_version(production) == answering(production) == first


class LosesAFile(LocalTarget):
    """A target on whose way from the store the weights are lost."""

    def publish(self, version: int, folder: Path) -> None:
        super().publish(version, folder)
        served = self._base / str(version) / "saved_model.pb"
        served.unlink()
        served.write_bytes(b"\x0a\xff")


def test_one_that_never_loads_is_rolled_back(production: Settings, store: Store, first: int) -> None:
    version = store(tiny_models.classifier)
    with pytest.raises(PromotionFailed, match=rf"failed to load.*Rolled back; in service: {first}"):
        promote(version, production, target=LosesAFile(production))
    assert ledger(production)[-1] == ("promote", first, version, "rolled_back")
    assert current_version(production) == answering(production) == first
    assert not (production.serving_dir / production.model_name / str(version)).exists()


def test_one_that_differs_from_the_store_is_rolled_back(
    production: Settings, store: Store, first: int, tmp_path: Path
) -> None:
    version = store(tiny_models.classifier)

    class Swaps(LocalTarget):
        def publish(self, number: int, folder: Path) -> None:
            tiny_models.classifier(tmp_path / "other", number, 0.4)
            super().publish(number, tmp_path / "other")

    with pytest.raises(PromotionFailed, match="other probabilities than the stored model"):
        promote(version, production, target=Swaps(production))
    assert answering(production) == first


def test_promotion_and_the_way_back(production: Settings, store: Store, first: int) -> None:
    second = store(tiny_models.classifier)
    wanted = wanted_version(VERSION, None, production)
    assert promote(wanted, production).model_version == second
    assert current_version(production) == answering(production) == second
    assert rollback(production).model_version == first
    assert current_version(production) == answering(production) == first
    assert ledger(production)[-2:] == [
        ("promote", first, second, "promoted"),
        ("rollback", second, first, "promoted"),
    ]
    with pytest.raises(PromotionError, match="no earlier version"):
        rollback(production)


def test_a_rollout_cut_off_in_the_middle_is_finished_by_the_next(
    production: Settings, store: Store, first: int
) -> None:
    version = store(tiny_models.classifier)
    target = LocalTarget(production)
    target.publish(version, ModelStore(production).path(version))
    target.serve(version)  # and the worker is gone before the ledger knew
    result = promote(version, production)
    assert (result.outcome, result.previous_version) == ("promoted", first)
    assert ledger(production)[-1] == ("promote", first, version, "promoted")
    assert answering(production) == version


def test_an_approval_holds_against_one_champion_alone(production: Settings, first: int) -> None:
    current = current_version(production)
    assert current is not None
    late = ApprovedPromotion("promote", first, current + 1000, None, "ann", "")
    with pytest.raises(PromotionError, match=rf"in place of {current + 1000}, but {current} is in service"):
        roll_out(late, production)
    assert answering(production) == current


def test_one_at_a_time(production: Settings, first: int) -> None:
    with (
        Ledger(production, "local").one_at_a_time(),
        pytest.raises(PromotionError, match="another promotion"),
    ):
        promote(first, production)


def test_the_ledger_takes_no_change(production: Settings, first: int) -> None:
    import psycopg

    with connect(production) as connection, pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        connection.execute("UPDATE promotion SET approver = 'me'")


def test_models_are_linked_not_copied(production: Settings, first: int) -> None:
    name = "saved_model.pb"
    stored = ModelStore(production).path(first) / name
    assert os.path.samefile(stored, production.serving_dir / production.model_name / str(first) / name)


def test_the_server_was_never_asked_for_a_refused_one(production: Settings, store: Store, first: int) -> None:
    refused = store(lambda folder, version: tiny_models.classifier(folder, version, 0.9))
    with pytest.raises(PromotionRefused):
        promote(refused, production)
    url = f"{production.model_url}/v1/models/{production.model_name}/versions/{refused}"
    assert httpx.get(url).status_code == 404
