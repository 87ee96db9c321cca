"""Promote a model version, or go back to the previous one."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from include.model.store import ModelStore
from include.promotion.approval import Answer, approve
from include.promotion.approved import ApprovedPromotion, Asked
from include.promotion.checks import Verdict
from include.promotion.errors import PromotionError, PromotionFailed
from include.promotion.judging import expected_answers, score_candidate
from include.promotion.ledger import Entry, Ledger
from include.promotion.proof import AVAILABLE_SECONDS, prove
from include.promotion.steps import STABLE, judge, refuse, wanted_version, way_back
from include.promotion.target import RolloutTarget, make_target
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
    ledger_id: int | None = None


def current_version(settings: Settings | None = None) -> int | None:
    """The model version that production is configured to serve; None where there is none."""
    return make_target(settings or get_settings()).current()


def run_promotion(
    action: str,
    dataset_version: int | str,
    model_version: int | None,
    *,
    reason: str = "",
    approver: str | None = None,
    settings: Settings | None = None,
) -> int:
    """The DAG ``promote_model`` in one process, the caller being the person who approves; returns the model
    version in service at its end."""
    settings = settings or get_settings()
    if action == "rollback":
        return rollback(settings, approver=approver, reason=reason).model_version
    if action != "promote":
        raise PromotionError(f"action {action!r} is neither promote nor rollback")
    version = wanted_version(dataset_version, model_version, settings)
    return promote(version, settings, approver=approver, reason=reason).model_version


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
    rollout = _Rollout(settings, timeout, target)
    asked = Asked(approver, reason, override_reason)
    version = rollout.store.latest() if model_version is None else model_version
    rollout.store.path(version)
    with rollout.ledger.one_at_a_time(), rollout.client:
        rollout.target.require(rollout.client)
        champion = rollout.ledger.in_service()
        if version == champion == rollout.target.current():
            return rollout.unchanged(version)
        judged = judge(score_candidate(version, champion, settings), asked, settings)
        if judged.verdict is Verdict.INCONCLUSIVE and not (accept_inconclusive or override_reason):
            refuse(judged, asked, settings)
        approved = approve(judged, asked, Answer(True, approver))
        return replace(rollout.run(approved), verdict=str(judged.verdict), reasons=judged.reasons)


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
    rollout = _Rollout(settings, timeout)
    with rollout.ledger.one_at_a_time(), rollout.client:
        rollout.target.require(rollout.client)
        return rollout.run(way_back(Asked(approver, reason), settings))


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
    rollout = _Rollout(settings or get_settings(), timeout, target)
    with rollout.ledger.one_at_a_time(), rollout.client:
        rollout.target.require(rollout.client)
        current = rollout.ledger.in_service()
        if current != approved.previous:
            raise PromotionError(
                f"model version {approved.model_version} was approved in place of "
                f"{approved.previous or 'none'}, but {current or 'none'} is in service now: run "
                "promote_model anew, so that they are compared"
            )
        return rollout.run(approved)


class _Rollout:
    """The steps that both have in common."""

    def __init__(self, settings: Settings, timeout: float, target: RolloutTarget | None = None) -> None:
        self.settings, self.timeout = settings, timeout
        self.store = ModelStore(settings)
        self.target: RolloutTarget = target or make_target(settings)
        self.ledger = Ledger(settings, self.target.name)
        self.client = ServingClient(self.target.url, settings.model_name, label=STABLE)

    def unchanged(self, version: int) -> PromotionResult:
        """Nothing to do, if it really serves."""
        self.client.wait_available(version, self.timeout)
        log.info("model version %s is in service already; nothing was changed", version)
        return PromotionResult("unchanged", version, version)

    def run(self, approved: ApprovedPromotion) -> PromotionResult:
        """Roll out with proof; on any failure put back what was there."""
        entry, version = Entry.of(approved, self.settings), approved.model_version
        try:
            entry.evidence["proof"] = self._roll_out(version)
        except BaseException as error:
            self._undo(entry, error)
            raise
        number = self.ledger.write(entry, "promoted")
        log.info("model version %s is in service (was: %s)", version, approved.previous)
        return PromotionResult("promoted", version, approved.previous, ledger_id=number)

    def _roll_out(self, version: int) -> dict[str, Any]:
        self.target.publish(version, self.store.path(version))
        self.target.load(version)
        texts, expected = expected_answers(version, self.settings)
        loaded = prove(self.client, version, texts, expected, timeout=self.timeout)
        self.target.serve(version)
        return {"loaded": loaded, "in_service": self._prove_service(version, texts, expected)}

    def _prove_service(self, version: int, texts: list[str], expected: np.ndarray) -> dict[str, Any]:
        """The label moves when the server reads its configuration anew: ask until it has, or time is up."""
        self.client.wait_served_by(version, self.timeout)
        return prove(self.client, version, texts, expected, by_name=False, timeout=self.timeout)

    def _undo(self, entry: Entry, cause: BaseException) -> None:
        """Put the previous version back, prove it, write the row; raises PromotionFailed."""
        entry.evidence["failure"] = f"{type(cause).__name__}: {cause}"
        previous = entry.from_version
        try:
            self.target.serve(previous)
            if previous is not None:
                texts, expected = expected_answers(previous, self.settings)
                entry.evidence["proof_of_previous"] = self._prove_service(previous, texts, expected)
        except Exception as error:
            entry.evidence["failure_of_rollback"] = f"{type(error).__name__}: {error}"
            self.ledger.write(entry, "failed")
            raise PromotionFailed(
                f"model version {entry.to_version} failed ({cause}), and bringing back {previous} could not "
                f"be proven ({error}): look at the model server at {self.target.url}"
            ) from error
        with contextlib.suppress(OSError):
            if entry.to_version is not None and entry.to_version != previous:
                self.target.withdraw(entry.to_version)
        self.ledger.write(entry, "rolled_back")
        if isinstance(cause, Exception):
            raise PromotionFailed(
                f"model version {entry.to_version} failed: {cause}. Rolled back; "
                f"in service: {previous or 'none'}"
            ) from cause
