"""A row of the ledger before it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from include.promotion.approved import Action, ApprovedPromotion
from include.promotion.ledger.evidence import GateEvidence, read_evidence
from include.promotion.request import PromotionRequest
from include.settings import Settings


@dataclass
class LedgerEntry:
    """Who puts which version into service, and why.

    ``evidence`` holds what the gate found (``gate``), who approved (``approval``), and what the rollout adds,
    such as ``proof`` or ``failure``.
    """

    action: Action
    from_version: int | None
    to_version: int | None
    reason: str
    approver: str | None
    evidence: dict[str, Any] = field(default_factory=dict)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def of(cls, approved: ApprovedPromotion, settings: Settings) -> LedgerEntry:
        """The entry of an approved promotion.

        Raises:
            MissingEvidence: the database doesn't hold what it was approved on.
        """
        evidence: dict[str, Any] = {"approval": approved.as_evidence()}
        if approved.evidence_hash and approved.action == "promote":
            evidence["gate"] = read_evidence(settings, approved.evidence_hash).content
        return cls(
            approved.action,
            approved.previous,
            approved.model_version,
            approved.reason,
            approved.approver,
            evidence,
            approved.started_at,
        )

    @classmethod
    def turned_down(
        cls, gate: GateEvidence, request: PromotionRequest, by: str | None, reason: str
    ) -> LedgerEntry:
        """The entry of a promotion that ends before production is touched; ``by`` is None for the gate."""
        evidence = {
            "gate": gate.content,
            "approval": {"approver": by, "reason": reason, "override": gate.overridden_by(request)},
            "asked": {"by": request.by, "reason": request.reason},
        }
        return cls("promote", gate.champion, gate.model_version, reason, by, evidence, request.at)

    @property
    def override(self) -> bool:
        return bool(self.evidence.get("approval", {}).get("override"))
