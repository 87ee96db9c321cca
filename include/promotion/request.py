"""Who wants a promotion, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True)
class PromotionRequest:
    """Who asked for the promotion, when and why.

    Attributes:
        by: the person; None where nobody is known.
        override_reason: why to go on although the gate refuses; empty means not to.
    """

    by: str | None = None
    reason: str = ""
    override_reason: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
