"""The steps of a promotion up to a person's approval; each reads and writes the database, and can run alone.

None of them touches production.
"""

from __future__ import annotations

from typing import Literal

from include.model.registry.store import ModelStore, NoModel
from include.model.registry.stored_model import StoredModel
from include.model.registry.versions import latest_of_dataset
from include.promotion.approved import ApprovedPromotion
from include.promotion.errors import PromotionError, PromotionRefused
from include.promotion.gate.checks import Verdict
from include.promotion.gate.gate import evaluate_gate
from include.promotion.ledger.entry import LedgerEntry
from include.promotion.ledger.evidence import GateEvidence, write_evidence
from include.promotion.ledger.ledger import Ledger
from include.promotion.ledger.scorings import read_scoring, write_scoring
from include.promotion.limits import PromotionLimits
from include.promotion.request import PromotionRequest
from include.promotion.scoring.score import score
from include.promotion.subjects.registry import production_client
from include.promotion.targets.base import make_target
from include.promotion.verification import AVAILABLE_SECONDS
from include.settings import Settings
from include.task_log import log_result

NextTask = Literal["score", "back"]


def decide(
    action: str, dataset_version: int | str, model_version: int | None, settings: Settings
) -> NextTask | None:
    """The next task: scoring, rollback, or none, where the wanted version is in service already.

    Raises:
        PromotionError: no such action, or no server to promote to.
        NoModel: the store doesn't hold the version.
        ServingError: the version is in service but the server doesn't have it.
    """
    if action not in ("promote", "rollback"):
        raise PromotionError(f"action {action!r} is neither promote nor rollback")
    target = make_target(settings)
    with production_client(settings, target.url) as client:
        target.require(client)
        if action == "rollback":
            log_result("a rollback: next, which version was in service before")
            return "back"
        version = wanted_model(dataset_version, model_version, settings).version
        if version != Ledger(settings, target.name).in_service() or version != target.current():
            log_result(f"model version {version} is the candidate: next, its answers on the golden posts")
            return "score"
        client.wait_available(version, AVAILABLE_SECONDS)
    log_result(f"model version {version} is in service already; there is nothing to do")
    return None


def wanted_model(dataset_version: int | str, model_version: int | None, settings: Settings) -> StoredModel:
    """The version that was named, else the dataset version's latest.

    Raises:
        NoModel: the store doesn't hold it, or there is none.
    """
    if model_version is None:
        model_version = latest_of_dataset(settings, int(dataset_version))
    if model_version is None:
        raise NoModel(
            f"no model was trained on dataset version {dataset_version} (table model_version, "
            f"store {ModelStore(settings).folder}); run the DAG train_classifier for this version first"
        )
    return StoredModel.read(model_version, settings)


def score_wanted(dataset_version: int | str, model_version: int | None, settings: Settings) -> int:
    """Score the wanted version beside the one in service; returns the scoring's number.

    Raises:
        NoModel, MissingTable: there is no such model, or its dataset version isn't built.
        StackError: the scoring server did not start.
    """
    candidate = wanted_model(dataset_version, model_version, settings)
    return score_candidate(candidate, _ledger(settings).in_service(), settings)


def score_candidate(candidate: StoredModel, champion: int | None, settings: Settings) -> int:
    """Score it beside the champion and keep what both answered; raises as ``score_wanted``."""
    number = write_scoring(settings, score(candidate, champion, settings))
    beside = f"beside version {champion}" if champion else "alone, as none is in service"
    log_result(f"scoring {number}: model version {candidate.version} has answered {beside}; next, the gate")
    return number


def judge_candidate(number: int, request: PromotionRequest, settings: Settings) -> GateEvidence:
    """Apply the gate to a scoring; a refusal is written to the ledger.

    Raises:
        MissingEvidence: there is no such scoring.
        PromotionRefused: the verdict is FAIL, and the request doesn't override it.
    """
    gate = apply_gate(number, settings)
    listed = "\n".join(f"- {reason}" for reason in gate.reasons)
    log_result(f"the gate says {gate.verdict} on model version {gate.model_version}\n{listed}")
    if gate.verdict is Verdict.FAIL and not gate.overridden_by(request):
        refuse(gate, request, settings)
    return gate


def apply_gate(number: int, settings: Settings) -> GateEvidence:
    """Apply the gate's rules to a scoring and keep the decision; raises as ``judge_candidate``."""
    scoring = read_scoring(settings, number)
    decision = evaluate_gate(scoring, PromotionLimits.of(settings))
    return write_evidence(settings, number, scoring, decision)


def refuse(gate: GateEvidence, request: PromotionRequest, settings: Settings) -> None:
    """Write the refusal to the ledger.

    Raises:
        PromotionRefused: always.
    """
    reasons = "; ".join(gate.reasons)
    _ledger(settings).write(LedgerEntry.turned_down(gate, request, None, reasons), "refused")
    raise PromotionRefused(
        f"model version {gate.model_version} was refused ({gate.verdict}): {reasons}. In service stays: "
        f"{gate.champion or 'none'}. Evidence: {gate.evidence_hash}; give override_reason to go on against it"
    )


def plan_rollback(request: PromotionRequest, settings: Settings) -> ApprovedPromotion:
    """The return to the version that was in service before; it needs no gate and no second person.

    Raises:
        PromotionError: the ledger has no earlier version.
    """
    ledger = _ledger(settings)
    previous, current = ledger.previous(), ledger.in_service()
    if previous is None:
        raise PromotionError(
            f"there is no earlier version to go back to: the ledger (table promotion) has "
            f"{'only version ' + str(current) if current else 'no promotion yet'}"
        )
    reason = request.reason or f"back from version {current}"
    digest = ledger.evidence_of(previous)
    log_result(f"back from model version {current} to {previous}")
    return ApprovedPromotion("rollback", previous, current, digest, request.by, reason, started_at=request.at)


def _ledger(settings: Settings) -> Ledger:
    return Ledger(settings, make_target(settings).name)
