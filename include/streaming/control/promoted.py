"""The settings by which a workload's model goes through promotion."""

from __future__ import annotations

from include.errors import UserError
from include.promotion.subjects.registry import register
from include.settings import Settings, get_settings
from include.streaming.registry import workload_named, workload_names
from include.streaming.scorers.plan import promoted_model

MAIN_JOB = "ai_tweets"


class NotPromoted(UserError):
    """A workload without a model that promotion puts into service."""


def promotion_settings(name: str, settings: Settings | None = None) -> Settings:
    """The settings with the workload's model and limits; its kind of model is known to this process then.

    Every process that takes part in a promotion calls it first.

    Raises:
        NotPromoted: the workload has no promoted model; lists those that have one.
        UnknownWorkload: there is no such workload.
    """
    settings = settings or get_settings()
    workload = workload_named(name, settings)
    if not workload.promoted:
        others = [one for one in workload_names(settings) if workload_named(one, settings).promoted]
        raise NotPromoted(f"workload {name!r} has no model to promote; these have one: {', '.join(others)}")
    model = promoted_model(workload, settings)
    if workload.promotion is None:
        return settings.model_copy(update={"model_name": model})
    promotion = workload.promotion()
    register(model, promotion.subject)
    return settings.model_copy(update={"model_name": model, "gate_limits": dict(promotion.limits)})
