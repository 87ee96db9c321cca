"""What a rollout is handed: a version that may go into service, by whose word, on what evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from include.promotion.errors import PromotionError

Action = Literal["promote", "rollback"]


@dataclass(frozen=True)
class Asked:
    """Who wanted the promotion, when and why; ``override_reason`` is theirs for going on against the gate."""

    by: str | None = None
    reason: str = ""
    override_reason: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class ApprovedPromotion:
    """Small enough to travel between tasks.

    Attributes:
        model_version: to bring into service.
        previous: in service when it was judged; None where nothing was.
        evidence_hash: key of ``promotion_evidence``. For a rollback that of the promotion which once brought
            the version into service; None where that is older than evidence is.
        approver: who said yes; ``auto_approve`` is the setting.
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
    def of(cls, *answers: dict[str, Any] | None) -> ApprovedPromotion:
        """The one that was given.

        Raises:
            PromotionError: none was, as of an approval that somebody marked as success by hand.
        """
        given = [answer for answer in answers if answer]
        if len(given) != 1:
            raise PromotionError(
                f"{len(given)} answers where one approval was due; marking the task approve as success is "
                "none: clear it, and answer the request under Required Actions"
            )
        return cls.from_json(given[0])

    def as_evidence(self) -> dict[str, Any]:
        """The part of a ledger row's evidence that says by whose word."""
        return {"approver": self.approver, "reason": self.reason, "override": self.override}
