"""A person's approval: what they are shown, and what follows from their answer."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from include.model.registry.store import ModelStore
from include.promotion.approved import ApprovedPromotion
from include.promotion.errors import OwnApproval
from include.promotion.gate.checks import Verdict
from include.promotion.gate.report import as_cell, comparison
from include.promotion.ledger.entry import LedgerEntry
from include.promotion.ledger.evidence import GateEvidence
from include.promotion.ledger.ledger import Ledger
from include.promotion.request import PromotionRequest
from include.promotion.targets.base import make_target
from include.settings import Settings
from include.task_log import log_result

AUTO_APPROVE = "auto_approve"
"""The approver where the setting approved."""


@dataclass(frozen=True)
class ApprovalAnswer:
    """``by`` is None where nobody answered in time; ``reason`` is the person's own text."""

    approved: bool
    by: str | None = None
    reason: str = ""


def auto_approved(
    gate: GateEvidence, request: PromotionRequest, settings: Settings
) -> ApprovedPromotion | None:
    """The setting's approval, which it gives to a PASS only; None where a person has to be asked."""
    if not settings.auto_approve or gate.verdict is not Verdict.PASS:
        return None
    return approve(gate, request, ApprovalAnswer(True, AUTO_APPROVE))


def approve(gate: GateEvidence, request: PromotionRequest, answer: ApprovalAnswer) -> ApprovedPromotion:
    """The approval that follows from a yes; it holds for this evidence and this champion only."""
    override = gate.overridden_by(request)
    reasons = [request.reason, answer.reason]
    if override:
        reasons.append(f"override of {gate.verdict} by {request.by or 'unknown'}: {request.override_reason}")
    return ApprovedPromotion(
        "promote",
        gate.model_version,
        gate.champion,
        gate.evidence_hash,
        answer.by,
        "; ".join(filter(None, reasons)) or "; ".join(gate.reasons),
        override,
        request.at,
    )


def settle(
    gate: GateEvidence, request: PromotionRequest, answer: ApprovalAnswer, settings: Settings
) -> ApprovedPromotion | None:
    """The approval that follows from an answer; None for a no, which is written to the ledger.

    Raises:
        OwnApproval: a yes of who asked for it, where the settings refuse that; it is in the ledger as a no.
    """
    if answer.approved and (problem := _own(request, answer, settings)):
        ledger = Ledger(settings, make_target(settings).name)
        ledger.write(LedgerEntry.turned_down(gate, request, answer.by, problem), "rejected")
        raise OwnApproval(f"{problem}; clear this task, and it asks again")
    if answer.approved:
        log_result(
            f"model version {gate.model_version} was approved by {answer.by or 'unknown'}: {answer.reason}"
        )
        return approve(gate, request, answer)
    reason = answer.reason or ("no reason given" if answer.by else "nobody answered in time")
    ledger = Ledger(settings, make_target(settings).name)
    ledger.write(LedgerEntry.turned_down(gate, request, answer.by, reason), "rejected")
    log_result(f"model version {gate.model_version} was rejected by {answer.by or 'nobody'}: {reason}")
    return None


def _own(request: PromotionRequest, answer: ApprovalAnswer, settings: Settings) -> str | None:
    """Why an approval does not count: nobody else gave it, or it can't be told whether somebody else did."""
    if settings.own_approval:
        return None
    asked, approved = same_person(request.by), same_person(answer.by)
    if asked and approved and asked != approved:
        return None
    if asked and approved:
        what = f"{answer.by} has asked for this promotion and can't approve it as well: somebody else has to"
    else:
        what = "it is not known who asked for this promotion, or who approved it: start it in Airflow's UI"
    return f"{what} (TWEETSIEVE_ALLOW_OWN_APPROVAL)"


def same_person(name: str | None) -> str:
    """A name as it is compared.

    >>> same_person(" Ann ") == same_person("ann"), same_person(None)
    (True, '')
    """
    return unicodedata.normalize("NFKC", name or "").strip().casefold()


def subject(gate: GateEvidence) -> str:
    """The question in a line."""
    model = f"{gate.content['model_name']} {gate.model_version}"
    champion = f" in place of {gate.champion}" if gate.champion else ""
    return f"Put {model} into service{champion}? The gate says {gate.verdict}"


def body(gate: GateEvidence, request: PromotionRequest, settings: Settings) -> str:
    """What a person decides by, as Markdown: who asks, the comparison, the model card's summary."""
    parts = [
        _request(gate, request),
        comparison(gate.content),
        card_summary(ModelStore(settings).metrics(gate.model_version)),
        who_may(request, settings),
        "**Approve** rolls it out; production's own checks can still bring the champion back. **Reject**, or "
        f"no answer within {settings.approval_hours:g} hours, changes nothing. Your name and your reason go "
        f"into the ledger.\n\nEvidence {gate.evidence_hash}",
    ]
    return "\n\n".join(part.strip() for part in parts if part)


def who_may(request: PromotionRequest, settings: Settings) -> str:
    """What a person is told of who may approve; empty where everybody may."""
    if settings.own_approval:
        return ""
    return f"**Somebody else than {as_cell(request.by or 'who asked')} has to approve it.**"


def card_summary(metrics: Mapping[str, Any]) -> str:
    """The model card's first lines, from the figures of its report; missing ones are left out."""
    training = metrics.get("training", {})
    lines = [f"- {as_cell(sentence)}" for sentence in metrics.get("verdict", [])]
    lines += [f"- {as_cell(sentence)}" for sentence in metrics.get("summary", [])]
    if "golden_rows" in training:
        lines.append(
            f"- Learned from {training['rows']} posts with weak labels and {training['golden_rows']} with "
            f"golden ones, of dataset version {metrics['dataset_version']}."
        )
    lines.append(f"- Threshold {metrics['threshold']:.4f}.")
    return "\n".join(["## From its model card", "", *lines])


def _request(gate: GateEvidence, request: PromotionRequest) -> str:
    reason = as_cell(request.reason) or "no reason given"
    lines = [f"Asked for by {as_cell(request.by or 'unknown')}: {reason}."]
    if gate.overridden_by(request):
        lines.append(f"**Override** of a FAIL, because: {as_cell(request.override_reason)}")
    return "\n\n".join(lines)
