"""Refusals, overrides and a person's answers, and what the ledger has of them."""

from __future__ import annotations

from typing import Any

import pytest

from include.infra.postgres.connection import connect
from include.model.registry.stored_model import StoredModel
from include.promotion.errors import OwnApproval, PromotionRefused
from include.promotion.ledger.entry import LedgerEntry
from include.promotion.ledger.ledger import Ledger
from include.promotion.request import PromotionRequest
from include.promotion.workflow.approval import ApprovalAnswer, body, settle
from include.promotion.workflow.tasks import judge_candidate, plan_rollback, score_candidate
from include.settings import Settings
from tests.support.models import tiny_models
from tests.support.models.model_in_store import DATASET_VERSION, add_model
from tests.support.promotion.judged_models import judged

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("shared_scoring")]


def ledger(settings: Settings) -> list[tuple[Any, ...]]:
    with connect(settings) as connection:
        return connection.execute(
            "SELECT to_version, outcome, approver, reason, override FROM promotion "
            "WHERE model_name = %s ORDER BY id",
            [settings.model_name],
        ).fetchall()


def test_a_refusal_is_in_the_ledger_unless_overridden(gated: Settings, champion: int) -> None:
    version = add_model(gated, DATASET_VERSION, lambda folder, v: tiny_models.classifier(folder, v, 0.9))
    number = score_candidate(StoredModel.read(version, gated), champion, gated)
    with pytest.raises(PromotionRefused, match="behavioural tests of minimum"):
        judge_candidate(number, PromotionRequest("ann", "try it"), gated)
    assert ledger(gated)[-1][:3] == (version, "refused", None)
    before = ledger(gated)
    request = PromotionRequest("ann", "try it", "the champion is worse than nothing")
    overridden = judge_candidate(number, request, gated)
    assert ledger(gated) == before
    approved = settle(overridden, request, ApprovalAnswer(True, "bob", "agreed"), gated)
    assert approved is not None
    assert approved.override
    Ledger(gated, "local").write(LedgerEntry.of(approved, gated), "failed")
    assert ledger(gated)[-1] == (
        version,
        "failed",
        "bob",
        "try it; agreed; override of FAIL by ann: the champion is worse than nothing",
        True,
    )


def test_a_no_and_no_answer_are_in_the_ledger(gated: Settings, champion: int) -> None:
    found = judged(gated, champion, tiny_models.classifier)
    request = PromotionRequest("ann", "try it")
    assert f"Evidence {found.evidence_hash}" in body(found, request, gated)
    assert settle(found, request, ApprovalAnswer(False, "bob", "not on a Friday"), gated) is None
    assert ledger(gated)[-1][1:4] == ("rejected", "bob", "not on a Friday")
    assert settle(found, request, ApprovalAnswer(False), gated) is None
    assert ledger(gated)[-1][1:4] == ("rejected", None, "nobody answered in time")
    assert Ledger(gated, "local").in_service() == champion


@pytest.mark.parametrize(
    ("asked", "approved", "why"),
    [
        ("ann", "ann", "ann has asked for this promotion and can't approve it as well"),
        ("Ann", " ann", "can't approve it as well"),
        (None, "ann", "not known who asked"),
        ("ann", None, "not known who asked"),
    ],
)
def test_ones_own_yes_is_a_no_in_the_ledger_where_that_is_refused(
    gated: Settings, champion: int, asked: str | None, approved: str | None, why: str
) -> None:
    found = judged(gated, champion, tiny_models.classifier)
    strict = gated.model_copy(update={"allow_own_approval": False})
    request = PromotionRequest(asked, "try it")
    with pytest.raises(OwnApproval, match=why):
        settle(found, request, ApprovalAnswer(True, approved, "mine"), strict)
    assert ledger(gated)[-1][1:3] == ("rejected", approved)
    assert "TWEETSIEVE_ALLOW_OWN_APPROVAL" in ledger(gated)[-1][3]
    before = ledger(gated)
    assert settle(found, request, ApprovalAnswer(True, approved), gated) is not None, "allowed by default"
    assert settle(found, PromotionRequest("ann"), ApprovalAnswer(True, "bob"), strict) is not None
    assert ledger(gated) == before


def test_a_rollback_rests_on_the_evidence_of_the_promotion_it_returns_to(
    gated: Settings, champion: int
) -> None:
    ledger = Ledger(gated, "local")
    found = judged(gated, champion, tiny_models.classifier)
    request = PromotionRequest("ann")
    approved = settle(found, request, ApprovalAnswer(True, "bob"), gated)
    assert approved is not None
    ledger.write(LedgerEntry.of(approved, gated), "promoted")
    third = add_model(gated, DATASET_VERSION, tiny_models.classifier)
    ledger.write(LedgerEntry("promote", found.model_version, third, "", None), "promoted")
    back = plan_rollback(PromotionRequest("eve", "too many complaints"), gated)
    assert (back.action, back.model_version, back.previous) == ("rollback", found.model_version, third)
    assert (back.approver, back.evidence_hash) == ("eve", found.evidence_hash)
    ledger.write(LedgerEntry.of(back, gated), "promoted")
    with connect(gated) as connection:
        query = "SELECT evidence_hash FROM promotion WHERE model_name = %s ORDER BY id DESC LIMIT 1"
        row = connection.execute(query, [gated.model_name]).fetchone()
    assert row == (found.evidence_hash,)
    assert ledger.in_service() == found.model_version
