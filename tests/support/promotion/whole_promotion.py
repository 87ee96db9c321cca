"""A whole promotion, or a rollback: the DAG's steps in one process and without Airflow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from include.infra.postgres.connection import connect
from include.model.registry.store import ModelStore
from include.model.registry.stored_model import StoredModel
from include.promotion.approved import ApprovedPromotion
from include.promotion.ledger.ledger import Ledger
from include.promotion.request import PromotionRequest
from include.promotion.rollout.start import start
from include.promotion.targets.base import RolloutTarget, make_target
from include.promotion.workflow.approval import ApprovalAnswer, approve
from include.promotion.workflow.tasks import decide, judge_candidate, plan_rollback, score_candidate
from include.serving.client import ServingClient
from include.serving.config import STABLE
from include.settings import Settings
from tests.support.waiting import await_true


@dataclass(frozen=True)
class PromotionResult:
    """'promoted', or 'unchanged' where the version was in service already."""

    outcome: Literal["promoted", "unchanged"]
    model_version: int
    previous_version: int | None
    verdict: str | None = None


def current_version(settings: Settings) -> int | None:
    """The model version that production is configured to serve; None where there is none."""
    return make_target(settings).current()


def promote(
    model_version: int | None,
    settings: Settings,
    approver: str | None = None,
    reason: str = "",
    *,
    target: RolloutTarget | None = None,
) -> PromotionResult:
    """Put a stored model (None: the latest) into service, approved unless the gate refuses it.

    Args:
        target: by default the one that the settings name.

    Raises:
        NoModel: the store doesn't hold it.
        PromotionError: no server answers, or another promotion is running; nothing was changed.
        PromotionRefused: the gate refused it; nothing was changed.
        PromotionFailed: the rollout failed; says what serves now.
    """
    target = target or make_target(settings)
    model = StoredModel.read(model_version or ModelStore(settings).latest(), settings)
    if decide("promote", model.dataset_version, model.version, settings) is None:
        return PromotionResult("unchanged", model.version, model.version)
    request, champion = PromotionRequest(approver, reason), Ledger(settings, target.name).in_service()
    gate = judge_candidate(score_candidate(model, champion, settings), request, settings)
    approved = approve(gate, request, ApprovalAnswer(True, approver))
    return roll_out(approved, settings, verdict=str(gate.verdict), target=target)


def rollback(settings: Settings, approver: str | None = None, reason: str = "") -> PromotionResult:
    """Go back to the version that was in service before.

    Raises:
        PromotionError: the ledger has no earlier version, or no server answers.
        PromotionFailed: it could not be brought back.
    """
    return roll_out(plan_rollback(PromotionRequest(approver, reason), settings), settings)


def roll_out(
    approved: ApprovedPromotion,
    settings: Settings,
    *,
    verdict: str | None = None,
    target: RolloutTarget | None = None,
) -> PromotionResult:
    """Bring an approved version into service, or put back what was there; raises as ``start`` and ``run``."""
    rollout = start(approved, settings, uuid4().hex, target=target)
    return PromotionResult("promoted", rollout.run(), approved.previous, verdict)


def answering(settings: Settings) -> int:
    """The version that production's clients get, whether they ask by label or for the largest version."""
    with (
        ServingClient(settings.model_url, settings.model_name) as plain,
        ServingClient(settings.model_url, settings.model_name, label=STABLE) as stable,
    ):
        served = stable.predict(["ai"]).model_version
        await_true(lambda: plain.serves(served), 60)  # a version without the label is unloaded a poll later
        return served


def ledger_rows(settings: Settings) -> list[tuple[str, int | None, int | None, str]]:
    """Action, from, to and outcome of the model's rows in the ledger, in their order."""
    with connect(settings) as connection:
        return connection.execute(
            "SELECT action, from_version, to_version, outcome FROM promotion "
            "WHERE model_name = %s ORDER BY id",
            [settings.model_name],
        ).fetchall()
