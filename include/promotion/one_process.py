"""Promote a model version, or go back to the previous one."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import uuid4

from include.model.registry.store import ModelStore
from include.promotion.approval import Answer, approve
from include.promotion.approved import ApprovedPromotion, Asked
from include.promotion.gate.checks import Verdict
from include.promotion.judging import score_candidate
from include.promotion.ledger import Ledger
from include.promotion.rollout.start import begin
from include.promotion.targets.base import RolloutTarget, make_target
from include.promotion.tasks import STABLE, judge, refuse, way_back
from include.promotion.verification import AVAILABLE_SECONDS
from include.serving.client import ServingClient
from include.settings import Settings, get_settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PromotionResult:
    """How it ended: 'promoted', or 'unchanged' where the version was in service already."""

    outcome: Literal["promoted", "unchanged"]
    model_version: int
    previous_version: int | None
    verdict: str | None = None
    reasons: list[str] = field(default_factory=list)


def current_version(settings: Settings | None = None) -> int | None:
    """The model version that production is configured to serve; None where there is none."""
    return make_target(settings or get_settings()).current()


def promote(
    model_version: int | None = None,
    settings: Settings | None = None,
    approver: str | None = None,
    reason: str = "",
    *,
    accept_inconclusive: bool = True,
    override_reason: str = "",
    timeout: float = AVAILABLE_SECONDS,
    target: RolloutTarget | None = None,
) -> PromotionResult:
    """Put a stored model (by default the latest) into service, with proof at each step.

    Args:
        accept_inconclusive: go on where the gate can't tell; what was not shown is in the ledger.
        override_reason: go on against the gate, because of this; goes into the ledger.
        timeout: seconds the server may take to load it.
        target: where to; default: the one that the settings name.

    Raises:
        NoModel: the store doesn't hold it.
        PromotionError: no server answers, or another promotion is running; nothing was changed.
        PromotionRefused: the gate said no; nothing was changed.
        PromotionFailed: the rollout failed; says what serves now.
    """
    settings = settings or get_settings()
    target = target or make_target(settings)
    asked, version = Asked(approver, reason, override_reason), _stored(model_version, settings)
    ledger = Ledger(settings, target.name)
    with ledger.one_at_a_time():
        if _serves(version, settings, target, timeout):
            return PromotionResult("unchanged", version, version)
        judged = judge(score_candidate(version, ledger.in_service(), settings), asked, settings)
        if judged.verdict is Verdict.INCONCLUSIVE and not (accept_inconclusive or override_reason):
            refuse(judged, asked, settings)
        approved = approve(judged, asked, Answer(True, approver))
    result = roll_out(approved, settings, timeout=timeout, target=target)
    return replace(result, verdict=str(judged.verdict), reasons=judged.reasons)


def rollback(
    settings: Settings | None = None,
    approver: str | None = None,
    reason: str = "",
    *,
    timeout: float = AVAILABLE_SECONDS,
) -> PromotionResult:
    """Go back to the version that was in service before, proven like a promotion.

    Raises:
        PromotionError: the ledger knows no earlier version, or no server answers.
        PromotionFailed: it could not be brought back.
    """
    settings = settings or get_settings()
    return roll_out(way_back(Asked(approver, reason), settings), settings, timeout=timeout)


def roll_out(
    approved: ApprovedPromotion,
    settings: Settings | None = None,
    *,
    timeout: float = AVAILABLE_SECONDS,
    target: RolloutTarget | None = None,
) -> PromotionResult:
    """Bring an approved version into service, with proof, or put back what was there.

    Raises:
        PromotionError: no server answers, another promotion is running, or another version is in service
            than the one it was judged against; nothing was changed.
        PromotionFailed: the rollout failed; says what serves now.
    """
    rollout = begin(approved, settings or get_settings(), uuid4().hex, timeout=timeout, target=target)
    return PromotionResult("promoted", rollout.run(), approved.previous)


def _stored(model_version: int | None, settings: Settings) -> int:
    store = ModelStore(settings)
    version = store.latest() if model_version is None else model_version
    store.path(version)
    return version


def _serves(version: int, settings: Settings, target: RolloutTarget, timeout: float) -> bool:
    """Whether the version is in service already, and really there."""
    with ServingClient(target.url, settings.model_name, label=STABLE) as client:
        target.require(client)
        if version != Ledger(settings, target.name).in_service() or version != target.current():
            return False
        client.wait_available(version, timeout)
    log.info("model version %s is in service already; nothing was changed", version)
    return True
