"""Which scorers answer the messages of a batch: decided where the batch starts, and sent to its tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from include.errors import UserError
from include.infra.postgres.kept_connection import kept_connection
from include.serving.canary_window import CanaryWindow, open_canary
from include.settings import Settings
from include.streaming.registry import workload_names
from include.streaming.scorer_choices import HttpJson, InProcess, SavedModel, ScorerChoice, TfServing
from include.streaming.state.share_ledger import current_shares
from include.streaming.workload import Workload

_FROM_SETTINGS: dict[type, tuple[str, ...]] = {
    TfServing: ("model", "url"),
    SavedModel: ("model",),
    HttpJson: ("url",),
    InProcess: ("options",),
}
"""Fields of a declaration that are functions of the settings."""


class UnknownScorer(UserError):
    """A scorer that the workload does not declare."""


@dataclass(frozen=True)
class ScorerPlan:
    """Scorers by name, and what they need to know.

    Attributes:
        shares: parts of 1 by scorer, in order, none of them 0.
        values: for each of these scorers, what its declaration takes from the settings.
        canary: the model version that answers a share of the messages, while promotion tries it.
    """

    shares: Mapping[str, float]
    values: Mapping[str, Mapping[str, Any]]
    canary: CanaryWindow | None = field(default=None)


def scorer_name(workload: Workload, settings: Settings, asked: str | None = None) -> str:
    """The scorer to use: the one asked for, else that of the setting ``stream_scorers``, else the first
    declared; empty for a workload without scorers.

    Raises:
        UnknownScorer: the workload does not declare it, or the setting names a workload that is not there.
    """
    by_setting = settings.stream_scorers
    if unknown := sorted(by_setting.keys() - set(workload_names(settings))):
        known = ", ".join(workload_names(settings))
        raise UnknownScorer(f"TWEETSIEVE_STREAM_SCORERS: workload {unknown[0]!r} is none of: {known}")
    name = asked or by_setting.get(workload.name) or next(iter(workload.scorers), "")
    if name not in workload.scorers and (name or workload.scorers):
        origin = "" if asked else "TWEETSIEVE_STREAM_SCORERS: "
        known = ", ".join(workload.scorers) or "none at all"
        raise UnknownScorer(f"{origin}scorer {name!r} of workload {workload.name} is none of: {known}")
    return name


def current_plan(workload: Workload, settings: Settings, scorer: str) -> ScorerPlan:
    """The plan of the next batch, by the traffic shares and the canary of this moment.

    Args:
        scorer: the one that gets all messages where the workload declares no shares, or where it has none of
            the declared ones: then it was asked for in their place, as to compare.

    Raises:
        BadShares: the table has shares for a scorer that the workload no longer declares.
    """
    shares = {scorer: 1.0}
    if workload.route and scorer in workload.route.shares:
        shares = current_shares(kept_connection(settings), workload)
    used = {name: share for name, share in shares.items() if share}
    values = {name: values_of(workload.scorers[name], settings) for name in used}
    return ScorerPlan(used, values, _canary(workload, settings))


def promoted_model(workload: Workload, settings: Settings) -> str:
    """The name of a promoted workload's model, which all its scorers share."""
    return next(
        one.model(settings) for one in workload.scorers.values() if isinstance(one, TfServing | SavedModel)
    )


def _canary(workload: Workload, settings: Settings) -> CanaryWindow | None:
    if not workload.promoted:
        return None
    return open_canary(settings.model_copy(update={"model_name": promoted_model(workload, settings)}))


def values_of(declared: ScorerChoice, settings: Settings) -> dict[str, Any]:
    """What a declaration takes from the settings, by field."""
    return {name: getattr(declared, name)(settings) for name in _FROM_SETTINGS[type(declared)]}
