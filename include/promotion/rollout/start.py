"""The beginning of a rollout: its record, or that of a worker which was killed."""

from __future__ import annotations

import logging
from typing import Any

from include.model.registry.store import NoModel
from include.promotion.approved import ApprovedPromotion
from include.promotion.errors import PromotionError
from include.promotion.evidence import NoEvidence, read_evidence, read_scoring
from include.promotion.judging import expected_answers
from include.promotion.ledger import Ledger
from include.promotion.rollout.record import Record, Records, Step, as_probes
from include.promotion.rollout.rollout import Rollout
from include.promotion.targets.base import RolloutTarget, make_target
from include.promotion.targets.local import STABLE
from include.promotion.verification import AVAILABLE_SECONDS
from include.serving.client import ServingClient
from include.settings import Settings

log = logging.getLogger(__name__)


def begin(
    approved: ApprovedPromotion,
    settings: Settings,
    run_key: str,
    *,
    timeout: float = AVAILABLE_SECONDS,
    target: RolloutTarget | None = None,
) -> Rollout:
    """The rollout of an approved promotion: a new one, or the one that this run has begun before.

    Nothing is asked of the target yet; ``go_on`` does. A rollout that another run left behind is taken back
    first.

    Args:
        run_key: names the run; a retry of it has the same.
        timeout: seconds the server may take to load a model, beside the target's own patience.

    Raises:
        PromotionError: another rollout is under way, no server answers, or the version in service is not
            the one that the candidate was judged against.
        NoModel: the store doesn't hold the version.
    """
    target = target or make_target(settings)
    records = Records(settings, target.name)
    if (known := _of_run(records, run_key)) is not None:
        log.info("going on with rollout %s, which is %s", known.id, known.step)
        return Rollout(settings, known, target)
    _clear_the_way(records, settings, target)
    with Ledger(settings, target.name).one_at_a_time():
        _require(approved, settings, target)
        probes = _probes(approved, settings)
        versions = (approved.previous, approved.model_version)
        return Rollout(settings, records.open(run_key, approved.to_json(), versions, timeout, probes), target)


def _of_run(records: Records, run_key: str) -> Record | None:
    """What this run has under way, or brought to a good end before it could say so."""
    known = records.of_run(run_key)
    return (
        known if known is not None and (known.step is not Step.ENDED or known.outcome == "promoted") else None
    )


def _clear_the_way(records: Records, settings: Settings, target: RolloutTarget) -> None:
    """Take back what was left behind by a run that will not come again."""
    left = records.under_way()
    if left is None:
        return
    if left.fresh:
        raise PromotionError(
            f"another promotion to the {target.name} target is running (rollout {left.id} of model version "
            f"{left.to_version}, {left.step}); wait for its end"
        )
    log.warning("rollout %s of model version %s was left behind; taking it back", left.id, left.to_version)
    Rollout(settings, left, target).take_back("it was left behind by its run")


def _require(approved: ApprovedPromotion, settings: Settings, target: RolloutTarget) -> None:
    with ServingClient(target.url, settings.model_name, label=STABLE) as client:
        target.require(client)
    in_service = Ledger(settings, target.name).in_service()
    if in_service != approved.previous:
        raise PromotionError(
            f"model version {approved.model_version} was approved in place of {approved.previous or 'none'}, "
            f"but {in_service or 'none'} is in service now: run promote_model anew, so that they are compared"
        )


def _probes(approved: ApprovedPromotion, settings: Settings) -> dict[str, list[Any]]:
    """What both models answer, worked out before anything is touched: a rollback needs no TensorFlow."""
    texts, to = expected_answers(approved.model_version, settings)
    before = None
    if approved.previous is not None:
        try:
            _, before = expected_answers(approved.previous, settings)
        except NoModel:
            log.warning("model version %s is no longer in the store; it can't be compared", approved.previous)
    return as_probes(texts, to, before) | _judged(approved, settings)


def _judged(approved: ApprovedPromotion, settings: Settings) -> dict[str, list[Any]]:
    """What both answered on the rows that the gate judged by, for the canary; nothing on the way back."""
    if approved.action != "promote" or approved.evidence_hash is None:
        return {}
    try:
        scoring = read_scoring(settings, read_evidence(settings, approved.evidence_hash).content["scoring"])
    except NoEvidence as error:
        log.warning("the canary is held to the usual limit: %s", error)
        return {}
    if scoring.champion is None:
        return {}
    return {
        "judged_from": list(scoring.champion.probabilities),
        "judged_to": list(scoring.candidate.probabilities),
    }
