"""What a person is asked, and what follows from the answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from include.promotion.gate.checks import Verdict
from include.promotion.ledger.entry import LedgerEntry
from include.promotion.ledger.evidence import GateEvidence
from include.promotion.request import PromotionRequest
from include.promotion.workflow.approval import (
    AUTO_APPROVE,
    ApprovalAnswer,
    approve,
    auto_approved,
    card_summary,
    subject,
    who_may,
)
from include.settings import Settings
from tests.support.promotion.scorings import content

REQUEST = PromotionRequest("ann", "better on hashtags", at=datetime(2026, 1, 1, tzinfo=UTC))


def judged(verdict: Verdict) -> GateEvidence:
    return GateEvidence("ab" * 32, verdict, {**content(3), "verdict": str(verdict)})


def test_the_subject_says_what_is_asked() -> None:
    assert subject(judged(Verdict.PASS)) == "Put m 2 into service in place of 1? The gate says PASS"


def test_a_yes_carries_who_and_why() -> None:
    approved = approve(judged(Verdict.INCONCLUSIVE), REQUEST, ApprovalAnswer(True, "bob", "looked at it"))
    assert (approved.approver, approved.reason) == ("bob", "better on hashtags; looked at it")
    assert (approved.model_version, approved.previous, approved.override) == (2, 1, False)
    assert approved.evidence_hash == "ab" * 32
    assert approved.started_at == REQUEST.at


def test_an_override_is_never_silent() -> None:
    request = PromotionRequest("ann", "", "the champion is broken")
    approved = approve(judged(Verdict.FAIL), request, ApprovalAnswer(True, "bob"))
    assert approved.override
    assert approved.reason == "override of FAIL by ann: the champion is broken"
    assert LedgerEntry.turned_down(judged(Verdict.FAIL), request, "bob", "no").override


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.INCONCLUSIVE])
def test_a_reason_against_a_fail_overrides_nothing_else(verdict: Verdict) -> None:
    request = PromotionRequest("ann", "", "the champion is broken")
    approved = approve(judged(verdict), request, ApprovalAnswer(True, "bob"))
    assert not approved.override
    assert "override" not in approved.reason
    assert not LedgerEntry.turned_down(judged(verdict), request, "bob", "no").override


@pytest.mark.parametrize(
    ("values", "allowed"),
    [
        ({}, True),
        ({"production": True}, False),
        ({"production": True, "allow_own_approval": True}, True),
        ({"allow_own_approval": "false"}, False),
        ({"production": True, "allow_own_approval": ""}, False),
    ],
)
def test_who_may_approve_ones_own(values: dict[str, Any], allowed: bool) -> None:
    assert Settings(**values).own_approval == allowed


def test_the_page_says_that_somebody_else_has_to_approve() -> None:
    assert who_may(REQUEST, Settings()) == ""
    assert "Somebody else than ann" in who_may(REQUEST, Settings(allow_own_approval=False))


def test_a_setting_approves_a_pass_alone() -> None:
    on, off = Settings(auto_approve=True), Settings()
    assert auto_approved(judged(Verdict.PASS), REQUEST, off) is None
    for verdict in (Verdict.INCONCLUSIVE, Verdict.FAIL):
        assert auto_approved(judged(verdict), REQUEST, on) is None
    approved = auto_approved(judged(Verdict.PASS), REQUEST, on)
    assert approved is not None
    assert approved.approver == AUTO_APPROVE


def test_the_card_is_summed_up_by_what_its_report_has() -> None:
    metrics = {
        "dataset_version": 3, "threshold": 0.4321, "verdict": ["No baseline beats the model."],
        "training": {"rows": 900, "golden_rows": 50},
    }  # fmt: skip
    assert "900 posts with weak labels and 50 with golden ones" in card_summary(metrics)
    assert card_summary({"threshold": 0.5}).splitlines()[-1] == "- Threshold 0.5000."
