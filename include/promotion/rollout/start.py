"""The start of a rollout: a new record, or that of a worker which was killed."""

from __future__ import annotations

import logging
from typing import Any

from include.model.registry.store import ModelStore, NoModel
from include.promotion.approved import ApprovedPromotion
from include.promotion.errors import MissingEvidence, PromotionError
from include.promotion.ledger.evidence import read_evidence
from include.promotion.ledger.ledger import Ledger
from include.promotion.ledger.scorings import read_scoring
from include.promotion.limits import PromotionLimits
from include.promotion.rollout.record import RolloutRecord, RolloutRecords, Step, as_probes
from include.promotion.rollout.rollout import Rollout
from include.promotion.subjects.registry import production_client, subject_of
from include.promotion.targets.base import RolloutTarget, make_target
from include.promotion.verification import AVAILABLE_SECONDS
from include.settings import Settings

log = logging.getLogger(__name__)


def start(
    approved: ApprovedPromotion,
    settings: Settings,
    run_key: str,
    *,
    timeout: float = AVAILABLE_SECONDS,
    target: RolloutTarget | None = None,
) -> Rollout:
    """The rollout of an approved promotion: a new one, or the one that this run has begun before.

    Nothing is changed on the target yet; ``go_on`` does that. A rollout that another run abandoned is undone
    first.

    Args:
        run_key: names the run; a retry of it has the same.
        timeout: seconds the server may take to load a model, beside the target's own patience.

    Raises:
        PromotionError: another rollout is under way, no server answers, or the version in service is not
            the one that the candidate was judged against.
        InvalidLimits: of the settings.
        NoModel: the store doesn't hold the version.
    """
    target = target or make_target(settings)
    records = RolloutRecords(settings, target.name)
    if (known := _of_run(records, run_key)) is not None:
        log.info("going on with rollout %s, which is %s", known.id, known.step)
        return Rollout(settings, known, target)
    _undo_abandoned(records, settings, target)
    with Ledger(settings, target.name).one_at_a_time():
        _require(approved, settings, target)
        probes = _probes(approved, settings)
        versions = (approved.previous, approved.model_version)
        record = records.open(run_key, approved.to_json(), versions, timeout, probes)
        return Rollout(settings, record, target)


def _of_run(records: RolloutRecords, run_key: str) -> RolloutRecord | None:
    """The run's record, where it is open, or where it ended well before the run could report it."""
    known = records.of_run(run_key)
    if known is None or (known.step is Step.ENDED and known.outcome != "promoted"):
        return None
    return known


def _undo_abandoned(records: RolloutRecords, settings: Settings, target: RolloutTarget) -> None:
    """Undo the rollout of a run that will not go on with it."""
    left = records.under_way()
    if left is None:
        return
    if left.fresh:
        raise PromotionError(
            f"another promotion to the {target.name} target is running (rollout {left.id} of model version "
            f"{left.to_version}, {left.step}); wait for its end"
        )
    log.warning("rollout %s of model version %s was abandoned; undoing it", left.id, left.to_version)
    Rollout(settings, left, target).take_back("its run abandoned it")


def _require(approved: ApprovedPromotion, settings: Settings, target: RolloutTarget) -> None:
    PromotionLimits.of(settings)
    with production_client(settings, target.url) as client:
        target.require(client)
    in_service = Ledger(settings, target.name).in_service()
    if in_service != approved.previous:
        raise PromotionError(
            f"model version {approved.model_version} was approved in place of {approved.previous or 'none'}, "
            f"but {in_service or 'none'} is in service now: run promote_model again, to compare them"
        )


def _probes(approved: ApprovedPromotion, settings: Settings) -> dict[str, list[Any]]:
    """What both models answer, computed before anything is changed, so that undoing needs no TensorFlow."""
    subject, store = subject_of(settings), ModelStore(settings)
    to, before = subject.expected(store.path(approved.model_version), subject.probes), None
    if approved.previous is not None:
        try:
            before = subject.expected(store.path(approved.previous), subject.probes)
        except NoModel:
            log.warning("model version %s is no longer in the store; it can't be compared", approved.previous)
    return as_probes(subject.probes, to, before) | _judged(approved, settings)


def _judged(approved: ApprovedPromotion, settings: Settings) -> dict[str, list[Any]]:
    """What both answered on the evaluation rows, for the canary; nothing for a rollback."""
    if approved.action != "promote" or approved.evidence_hash is None:
        return {}
    try:
        scoring = read_scoring(settings, read_evidence(settings, approved.evidence_hash).content["scoring"])
    except MissingEvidence as error:
        log.warning("the canary allows no more than the usual drift: %s", error)
        return {}
    if scoring.champion is None:
        return {}
    return {
        "judged_from": list(scoring.champion.probabilities),
        "judged_to": list(scoring.candidate.probabilities),
    }
