"""The steps of a promotion up to a person's word; each reads and writes the database, and can be run alone.

None of them touches production.
"""

from __future__ import annotations

import logging
from typing import Literal

from include.model.registry.store import ModelStore, NoModel
from include.model.registry.versions import latest_of_dataset
from include.promotion.approved import ApprovedPromotion, Asked
from include.promotion.errors import PromotionError, PromotionRefused
from include.promotion.evidence import Judged
from include.promotion.gate.checks import Verdict
from include.promotion.judging import judge_scoring, score_candidate
from include.promotion.ledger import Entry, Ledger
from include.promotion.targets.base import make_target
from include.promotion.verification import AVAILABLE_SECONDS
from include.serving.client import ServingClient
from include.settings import Settings

log = logging.getLogger(__name__)

STABLE = "stable"
Way = Literal["score", "back"]


def decide(
    action: str, dataset_version: int | str, model_version: int | None, settings: Settings
) -> Way | None:
    """Which way a promotion goes: to the gate, straight back, or nowhere, where the wanted version serves.

    Raises:
        PromotionError: no such action, or no server to promote to.
        NoModel: the store doesn't hold the version.
        ServingError: the version is in service but the server doesn't have it.
    """
    if action not in ("promote", "rollback"):
        raise PromotionError(f"action {action!r} is neither promote nor rollback")
    target = make_target(settings)
    with ServingClient(target.url, settings.model_name, label=STABLE) as client:
        target.require(client)
        if action == "rollback":
            return "back"
        version = wanted_version(dataset_version, model_version, settings)
        if version != Ledger(settings, target.name).in_service() or version != target.current():
            return "score"
        client.wait_available(version, AVAILABLE_SECONDS)
    log.info("model version %s is in service already; nothing is to be done", version)
    return None


def wanted_version(dataset_version: int | str, model_version: int | None, settings: Settings) -> int:
    """The version that was named, else the dataset version's latest; it is in the store.

    Raises:
        NoModel: it isn't, or there is none.
    """
    if model_version is None:
        model_version = latest_of_dataset(settings, int(dataset_version))
    store = ModelStore(settings)
    if model_version is None:
        raise NoModel(
            f"no model was trained on dataset version {dataset_version} (table model_version, "
            f"store {store.folder}); run the DAG train_classifier for this version first"
        )
    store.path(model_version)
    return model_version


def score_wanted(dataset_version: int | str, model_version: int | None, settings: Settings) -> int:
    """Score the wanted version beside the one in service; returns the scoring's number."""
    version = wanted_version(dataset_version, model_version, settings)
    return score_candidate(version, _ledger(settings).in_service(), settings)


def judge(number: int, asked: Asked, settings: Settings) -> Judged:
    """Judge a scoring; a refusal is written to the ledger.

    Raises:
        PromotionRefused: the verdict is FAIL, and nobody overrode it.
    """
    judged = judge_scoring(number, settings)
    log.info("the gate says %s: %s", judged.verdict, "; ".join(judged.reasons))
    if judged.verdict is Verdict.FAIL and not asked.override_reason:
        refuse(judged, asked, settings)
    return judged


def refuse(judged: Judged, asked: Asked, settings: Settings) -> None:
    """Write the refusal down.

    Raises:
        PromotionRefused: always.
    """
    reasons = "; ".join(judged.reasons)
    _ledger(settings).write(Entry.turned_down(judged, asked, None, reasons), "refused")
    raise PromotionRefused(
        f"model version {judged.model_version} was refused ({judged.verdict}): {reasons}. In service stays: "
        f"{judged.champion or 'none'}. Evidence: {judged.evidence_hash}; override_reason goes on against it"
    )


def way_back(asked: Asked, settings: Settings) -> ApprovedPromotion:
    """A rollback needs no gate and no second person: it returns to what was in service before.

    Raises:
        PromotionError: the ledger knows no earlier version.
    """
    ledger = _ledger(settings)
    previous, current = ledger.previous(), ledger.in_service()
    if previous is None:
        raise PromotionError(
            f"there is no earlier version to go back to: the ledger (table promotion) knows "
            f"{'only version ' + str(current) if current else 'no promotion yet'}"
        )
    reason = asked.reason or f"back from version {current}"
    digest = ledger.evidence_of(previous)
    return ApprovedPromotion("rollback", previous, current, digest, asked.by, reason, started_at=asked.at)


def _ledger(settings: Settings) -> Ledger:
    return Ledger(settings, make_target(settings).name)
