"""Promotion and rollback against a real model server and a real database."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from include.infra.postgres.connection import connect
from include.model.registry.store import ModelStore, NoModel
from include.promotion.approved import ApprovedPromotion
from include.promotion.errors import PromotionError
from include.promotion.ledger.evidence import evidence_hash
from include.promotion.ledger.ledger import Ledger
from include.promotion.workflow.tasks import decide, score_wanted, wanted_model
from include.settings import Settings
from tests.support.models import tiny_models
from tests.support.models.model_in_store import DATASET_VERSION
from tests.support.promotion.whole_promotion import (
    answering,
    current_version,
    ledger_rows,
    promote,
    roll_out,
    rollback,
)

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("shared_scoring")]

Store = Callable[..., int]


def test_an_empty_store_and_an_empty_ledger(production: Settings, tmp_path: Path) -> None:
    empty = production.model_copy(update={"model_store": tmp_path, "model_name": "nobody"})
    with pytest.raises(NoModel, match="train_classifier"):
        promote(None, empty)
    with pytest.raises(NoModel, match="train_classifier"):
        score_wanted(DATASET_VERSION, None, empty)
    with pytest.raises(PromotionError, match="no promotion yet"):
        rollback(empty)


def test_no_server(production: Settings, first: int) -> None:
    away = production.model_copy(update={"serving_url": "http://127.0.0.1:1"})
    with pytest.raises(PromotionError, match=r"http://127.0.0.1:1.*make up"):
        promote(first, away)


def test_the_first_promotion(production: Settings, first: int) -> None:
    assert ledger_rows(production)[0] == ("promote", None, first, "promoted")
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
    before = ledger_rows(production)
    assert promote(first, production).outcome == "unchanged"
    assert decide("promote", DATASET_VERSION, first, production) is None
    assert ledger_rows(production) == before


def test_promotion_and_rollback(production: Settings, store: Store, first: int) -> None:
    second = store(tiny_models.classifier)
    wanted = wanted_model(DATASET_VERSION, None, production)
    assert promote(wanted.version, production).model_version == second
    assert current_version(production) == answering(production) == second
    assert rollback(production).model_version == first
    assert current_version(production) == answering(production) == first
    assert ledger_rows(production)[-2:] == [
        ("promote", first, second, "promoted"),
        ("rollback", second, first, "promoted"),
    ]
    with pytest.raises(PromotionError, match="no earlier version"):
        rollback(production)


def test_an_approval_holds_against_one_champion_alone(production: Settings, first: int) -> None:
    current = current_version(production)
    assert current is not None
    late = ApprovedPromotion("promote", first, current + 1000, None, "ann", "")
    with pytest.raises(PromotionError, match=rf"in place of {current + 1000}, but {current} is in service"):
        roll_out(late, production)
    assert answering(production) == current


def test_one_at_a_time(production: Settings, store: Store, first: int) -> None:
    approved = ApprovedPromotion("promote", store(tiny_models.classifier), first, None, "ann", "")
    before = ledger_rows(production)
    with (
        Ledger(production, "local").one_at_a_time(),
        pytest.raises(PromotionError, match="another promotion"),
    ):
        roll_out(approved, production)
    assert ledger_rows(production) == before


def test_models_are_copied_not_linked(production: Settings, first: int) -> None:
    name = "saved_model.pb"
    stored = ModelStore(production).path(first) / name
    assert not os.path.samefile(stored, production.serving_dir / production.model_name / str(first) / name)
