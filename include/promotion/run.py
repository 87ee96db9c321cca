"""Promote a model version, or go back to the previous one."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass, field
from typing import Any, Literal

from include.model.records import latest_of_dataset
from include.model.store import ModelStore, NoModel
from include.promotion.errors import PromotionError, PromotionFailed, PromotionRefused
from include.promotion.gate import Verdict
from include.promotion.judging import Evidence, expected_answers, judge_candidate
from include.promotion.ledger import Entry, Ledger
from include.promotion.proof import AVAILABLE_SECONDS, prove
from include.promotion.target import RolloutTarget, make_target
from include.serving.client import ServingClient
from include.settings import Settings, get_settings

log = logging.getLogger(__name__)

STABLE = "stable"


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
    """What the DAG ``promote_model`` does; returns the model version in service at its end."""
    settings = settings or get_settings()
    if action == "rollback":
        return rollback(settings, approver=approver, reason=reason).model_version
    if action != "promote":
        raise PromotionError(f"action {action!r} is neither promote nor rollback")
    if model_version is None:
        model_version = _latest_of(settings, int(dataset_version))
    return promote(model_version, settings, approver=approver, reason=reason).model_version


def promote(
    model_version: int | None = None,
    settings: Settings | None = None,
    approver: str | None = None,
    reason: str = "",
    *,
    accept_inconclusive: bool = True,
    timeout: float = AVAILABLE_SECONDS,
    target: RolloutTarget | None = None,
) -> PromotionResult:
    """Put a stored model (by default the latest) into service, with proof at each step.

    Args:
        accept_inconclusive: go on where there are too few golden labels to tell the candidate from the
            champion; what was not proven is in the ledger.
        timeout: seconds the server may take to load it.
        target: where to; default: the one that the settings name.

    Raises:
        NoModel: the store doesn't hold it.
        PromotionError: no server answers, or another promotion is running; nothing was changed.
        PromotionRefused: the gate said no; nothing was changed.
        PromotionFailed: the rollout failed; says what serves now.
    """
    rollout = _Rollout(settings or get_settings(), timeout, target)
    version = rollout.store.latest() if model_version is None else model_version
    rollout.store.path(version)
    with rollout.ledger.one_at_a_time(), rollout.client:
        rollout.target.require(rollout.client)
        champion = rollout.ledger.in_service()
        if version == champion == rollout.target.current():
            return rollout.unchanged(version)
        evidence = judge_candidate(version, champion, rollout.settings)
        decision = evidence.decision
        assert decision is not None
        entry = Entry("promote", champion, version, reason or "; ".join(decision.reasons), approver)
        entry.evidence["gate"] = decision.evidence()
        if decision.verdict is Verdict.FAIL or (
            decision.verdict is Verdict.INCONCLUSIVE and not accept_inconclusive
        ):
            rollout.ledger.write(entry, "refused")
            raise PromotionRefused(
                f"model version {version} was refused ({decision.verdict}): {'; '.join(decision.reasons)}. "
                f"In service stays: {champion or 'none'}"
            )
        return rollout.run(entry, evidence)


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
    rollout = _Rollout(settings or get_settings(), timeout)
    with rollout.ledger.one_at_a_time(), rollout.client:
        rollout.target.require(rollout.client)
        previous, current = rollout.ledger.previous(), rollout.ledger.in_service()
        if previous is None:
            raise PromotionError(
                f"there is no earlier version to go back to: the ledger (table promotion) knows "
                f"{'only version ' + str(current) if current else 'no promotion yet'}"
            )
        entry = Entry("rollback", current, previous, reason or f"back from version {current}", approver)
        texts, expected = expected_answers(previous, rollout.settings)
        return rollout.run(entry, Evidence(None, texts, expected))


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

    def run(self, entry: Entry, evidence: Evidence) -> PromotionResult:
        """Roll out with proof; on any failure put back what was there."""
        assert entry.to_version is not None
        try:
            entry.evidence["proof"] = self._roll_out(entry.to_version, evidence)
        except BaseException as error:
            self._undo(entry, error)
            raise
        number = self.ledger.write(entry, "promoted")
        log.info("model version %s is in service (was: %s)", entry.to_version, entry.from_version)
        decision = evidence.decision
        return PromotionResult(
            "promoted",
            entry.to_version,
            entry.from_version,
            str(decision.verdict) if decision else None,
            decision.reasons if decision else [],
            number,
        )

    def _roll_out(self, version: int, evidence: Evidence) -> dict[str, Any]:
        texts, expected = evidence.texts, evidence.expected
        self.target.publish(version, self.store.path(version))
        self.target.load(version)
        loaded = prove(self.client, version, texts, expected, timeout=self.timeout)
        self.target.serve(version)
        return {"loaded": loaded, "in_service": self._prove_service(version, evidence)}

    def _prove_service(self, version: int, evidence: Evidence) -> dict[str, Any]:
        """The label moves when the server reads its configuration anew: ask until it has, or time is up."""
        self.client.wait_served_by(version, self.timeout)
        return prove(
            self.client, version, evidence.texts, evidence.expected, by_name=False, timeout=self.timeout
        )

    def _undo(self, entry: Entry, cause: BaseException) -> None:
        """Put the previous version back, prove it, write the row; raises PromotionFailed."""
        entry.evidence["failure"] = f"{type(cause).__name__}: {cause}"
        previous = entry.from_version
        try:
            self.target.serve(previous)
            if previous is not None:
                texts, expected = expected_answers(previous, self.settings)
                entry.evidence["proof_of_previous"] = self._prove_service(
                    previous, Evidence(None, texts, expected)
                )
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


def _latest_of(settings: Settings, dataset_version: int) -> int:
    found = latest_of_dataset(settings, dataset_version)
    if found is None:
        store = ModelStore(settings).folder
        raise NoModel(
            f"no model was trained on dataset version {dataset_version} (table model_version, "
            f"store {store}); run the DAG train_classifier for this version first"
        )
    return found
