"""A person's word: what they are shown, and what their answer comes to."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from include.model.registry.store import ModelStore
from include.promotion.approved import ApprovedPromotion, Asked
from include.promotion.evidence import Judged
from include.promotion.gate.checks import Verdict
from include.promotion.gate.report import as_cell, comparison
from include.promotion.ledger import Entry, Ledger
from include.promotion.targets.base import make_target
from include.settings import Settings

log = logging.getLogger(__name__)

AUTO_APPROVE = "auto_approve"
"""Who approved, where the setting did."""


@dataclass(frozen=True)
class Answer:
    """What came back. ``by`` is None where nobody answered in time; ``why`` is their own text."""

    approved: bool
    by: str | None = None
    why: str = ""


def auto_approved(judged: Judged, asked: Asked, settings: Settings) -> ApprovedPromotion | None:
    """The setting's yes, to a PASS only; None where a person has to be asked."""
    if not settings.auto_approve or judged.verdict is not Verdict.PASS:
        return None
    return approve(judged, asked, Answer(True, AUTO_APPROVE))


def approve(judged: Judged, asked: Asked, answer: Answer) -> ApprovedPromotion:
    """What a yes is worth: it holds for this evidence and this champion alone."""
    override = judged.verdict is not Verdict.PASS and bool(asked.override_reason)
    reasons = [asked.reason, answer.why]
    if override:
        reasons.append(f"override of {judged.verdict} by {asked.by or 'unknown'}: {asked.override_reason}")
    return ApprovedPromotion(
        "promote",
        judged.model_version,
        judged.champion,
        judged.evidence_hash,
        answer.by,
        "; ".join(filter(None, reasons)) or "; ".join(judged.reasons),
        override,
        asked.at,
    )


def settle(judged: Judged, asked: Asked, answer: Answer, settings: Settings) -> ApprovedPromotion | None:
    """What an answer comes to; None for a no, which is in the ledger then."""
    if answer.approved:
        return approve(judged, asked, answer)
    why = answer.why or ("no reason given" if answer.by else "nobody answered in time")
    ledger = Ledger(settings, make_target(settings).name)
    ledger.write(Entry.turned_down(judged, asked, answer.by, why), "rejected")
    log.info("model version %s was rejected by %s: %s", judged.model_version, answer.by or "nobody", why)
    return None


def subject(judged: Judged) -> str:
    """The request in a line."""
    model = f"{judged.content['model_name']} {judged.model_version}"
    rival = f" in place of {judged.champion}" if judged.champion else ""
    return f"Put {model} into service{rival}? The gate says {judged.verdict}"


def body(judged: Judged, asked: Asked, settings: Settings) -> str:
    """What a person decides by, as Markdown: who asks, the comparison, the model card's summary."""
    parts = [
        _asked(asked),
        comparison(judged.content),
        card_summary(ModelStore(settings).metrics(judged.model_version)),
        "**Approve** rolls it out; production's own checks can still bring the champion back. **Reject**, or "
        f"no answer within {settings.approval_hours:g} hours, changes nothing. Your name and your reason go "
        f"into the ledger.\n\nEvidence {judged.evidence_hash}",
    ]
    return "\n\n".join(part.strip() for part in parts if part)


def card_summary(metrics: Mapping[str, Any]) -> str:
    """The model card's first lines, from the report's figures; what a report lacks is left out."""
    training = metrics.get("training", {})
    lines = [f"- {as_cell(sentence)}" for sentence in metrics.get("verdict", [])]
    if training:
        lines.append(
            f"- Learned from {training['rows']} posts with weak labels and {training['golden_rows']} with "
            f"golden ones, of dataset version {metrics['dataset_version']}."
        )
    lines.append(f"- Threshold {metrics['threshold']:.4f}.")
    return "\n".join(["## From its model card", "", *lines])


def _asked(asked: Asked) -> str:
    lines = [f"Asked for by {as_cell(asked.by or 'unknown')}: {as_cell(asked.reason) or 'no reason given'}."]
    if asked.override_reason:
        lines.append(f"**Override** of a verdict that is not PASS, because: {as_cell(asked.override_reason)}")
    return "\n\n".join(lines)
