"""What a rollout is given: a version that may go into service, who approved it, and on what evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from include.promotion.errors import PromotionError

Action = Literal["promote", "rollback"]


@dataclass(frozen=True)
class ApprovedPromotion:
    """Small enough to travel between tasks.

    Attributes:
        model_version: the version to bring into service.
        previous: the version in service when it was judged; None where nothing was.
        evidence_hash: key of ``promotion_evidence``. For a rollback, the key of the evidence on which the
            version was promoted; None where that promotion is older than the evidence table.
        approver: who approved; ``auto_approve`` is the setting.
        override: whether it goes on against the gate's verdict.
        started_at: when the promotion was asked for.
    """

    action: Action
    model_version: int
    previous: int | None
    evidence_hash: str | None
    approver: str | None
    reason: str
    override: bool = False
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def to_json(self) -> dict[str, Any]:
        """
        >>> approved = ApprovedPromotion("promote", 2, 1, "ab", "ann", "better")
        >>> ApprovedPromotion.from_json(approved.to_json()) == approved
        True
        """
        return {**self.__dict__, "started_at": self.started_at.isoformat()}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> ApprovedPromotion:
        return cls(**{**value, "started_at": datetime.fromisoformat(value["started_at"])})

    @classmethod
    def only(cls, *results: dict[str, Any] | None) -> ApprovedPromotion:
        """The one approval among the results of tasks, of which all others are None.

        Raises:
            PromotionError: there is none, as when somebody marked the approval as success by hand.
        """
        given = [result for result in results if result]
        if len(given) != 1:
            raise PromotionError(
                f"{len(given)} approvals where exactly one is needed; marking the task approve as success "
                "approves nothing: clear it, and answer the request under Required Actions"
            )
        return cls.from_json(given[0])

    def as_evidence(self) -> dict[str, Any]:
        """Who approved and why, for a ledger row's evidence."""
        return {"approver": self.approver, "reason": self.reason, "override": self.override}
