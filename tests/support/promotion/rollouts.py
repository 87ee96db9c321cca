"""Rollouts of versions that no gate has judged."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

from include.infra.postgres.connection import connect
from include.promotion.approved import Action, ApprovedPromotion
from include.promotion.ledger.ledger import Ledger
from include.promotion.rollout.rollout import Rollout
from include.promotion.rollout.start import start
from include.serving.client import ServingClient
from include.serving.config import STABLE
from include.settings import Settings


class ReadsElsewhere:
    """Part of a target whose server reads other files than this process sees there: those of the store."""

    stored: Path

    def published(self, version: int) -> Path:
        return self.stored


def approved(version: int, previous: int | None, action: Action = "promote") -> ApprovedPromotion:
    """An approval without evidence."""
    return ApprovedPromotion(action, version, previous, None, "ann", "a test")


def rollout_of(
    settings: Settings, version: int, run: str | None = None, action: Action = "promote", **options: Any
) -> Rollout:
    """A rollout that is started in place of what is in service; ``options`` as for ``start``."""
    previous = Ledger(settings, "local").in_service()
    return start(approved(version, previous, action), settings, run or uuid4().hex, **options)


def serving(settings: Settings) -> int:
    """The version that answers for the label."""
    with ServingClient(settings.model_url, settings.model_name, label=STABLE) as client:
        return client.predict(["all about ai"]).model_version


def last_evidence(settings: Settings) -> dict[str, Any]:
    """The evidence of the model's last row in the ledger."""
    query = "SELECT evidence FROM promotion WHERE model_name = %s ORDER BY id DESC LIMIT 1"
    with connect(settings) as connection:
        row = connection.execute(query, [settings.model_name]).fetchone()
    assert row is not None
    return row[0]
