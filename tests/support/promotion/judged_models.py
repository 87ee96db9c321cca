"""Tiny models that are put into the store, scored and judged."""

from __future__ import annotations

from typing import Any

from include.model.registry.stored_model import StoredModel
from include.promotion.ledger.evidence import GateEvidence
from include.promotion.workflow.tasks import apply_gate, score_candidate
from include.settings import Settings
from tests.support.models.model_in_store import DATASET_VERSION, MakeModel, add_model


def judged(
    settings: Settings, champion: int | None, make: MakeModel, dataset: int = DATASET_VERSION
) -> GateEvidence:
    """What the gate says of a new model."""
    return gate_on(settings, add_model(settings, dataset, make), champion)


def gate_on(settings: Settings, version: int, champion: int | None) -> GateEvidence:
    """What the gate says of a stored model."""
    candidate = StoredModel.read(version, settings)
    return apply_gate(score_candidate(candidate, champion, settings), settings)


def not_passed(found: GateEvidence) -> dict[str, str]:
    """The checks that did not pass, with their outcomes."""
    return {c["name"]: c["outcome"] for c in found.content["checks"] if c["outcome"] != "PASS"}


def check(found: GateEvidence, name: str) -> dict[str, Any]:
    """The one check of this name."""
    (one,) = [one for one in found.content["checks"] if one["name"] == name]
    return one
