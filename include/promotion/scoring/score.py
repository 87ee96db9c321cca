"""Score a candidate and the champion on the same rows through the same server."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import numpy as np

from include.model.evaluation.baseline_comparison import MODEL
from include.model.evaluation.predictions import Answers, CrossFittedAnswers
from include.model.registry.store import NoModel
from include.model.registry.stored_model import StoredModel
from include.model.registry.trained_on import seen
from include.promotion.limits import PromotionLimits
from include.promotion.scoring.probes import ProbeResult, latencies, probe, repeat_difference
from include.promotion.scoring.record import ModelAnswers, PromotionScoring, finite_or_none
from include.promotion.scoring.server import ScoringServer, scoring_server
from include.promotion.subjects.registry import subject_of
from include.promotion.subjects.subject import EvaluationRows, Subject
from include.serving.errors import ServingError, ServingUnavailable
from include.settings import Settings

log = logging.getLogger(__name__)


def score(candidate: StoredModel, in_service: int | None, settings: Settings) -> PromotionScoring:
    """Load both models on a server of the scoring's own and record what they answer.

    Args:
        in_service: the champion's version; None where nothing is in service.

    Raises:
        MissingTable: the candidate's dataset version isn't built.
        StackError: the scoring server did not start.
    """
    limits, subject = PromotionLimits.of(settings), subject_of(settings)
    rows = subject.rows(candidate, settings, limits)
    champion, not_compared = _champion(in_service, rows, settings)
    with scoring_server(settings.model_name) as server:
        scorer = _Scorer(server, subject, rows, limits)
        champion_answers = scorer.answers_of(champion) if champion else None
        if champion_answers is not None and champion_answers.load_error:
            not_compared, champion_answers = champion_answers.load_error, None
        candidate_answers = scorer.answers_of(candidate)
        took = scorer.latencies(candidate_answers, champion_answers)
    return PromotionScoring(
        model_name=settings.model_name,
        dataset_version=candidate.dataset_version,
        in_service=in_service,
        scored_at=datetime.now(UTC),
        judged_by=rows.source,
        counts=rows.counts,
        hashes=rows.hashes,
        labels=rows.labels.tolist(),
        parts=[subject.parts(text, lang) for text, lang in zip(rows.texts, rows.langs, strict=True)],
        candidate=_with_latency(candidate_answers, took),
        champion=champion_answers and _with_latency(champion_answers, took),
        not_compared=not_compared,
        latency_batch=limits.latency_batch,
    )


def _champion(
    version: int | None, rows: EvaluationRows, settings: Settings
) -> tuple[StoredModel | None, str | None]:
    """The champion, else why it can't be compared; both None where nothing is in service."""
    if version is None:
        return None, None
    if rows.source != "golden":
        return None, "weak labels come from the candidate's own dataset version and compare no models"
    try:
        return StoredModel.read(version, settings), None
    except NoModel:
        return None, "it is no longer in the model store"


def _with_latency(answers: ModelAnswers, took: dict[int, list[float]]) -> ModelAnswers:
    return answers.model_copy(update={"latency_ms": took.get(answers.version, [])})


class _Scorer:
    """One scoring under way."""

    def __init__(
        self, server: ScoringServer, subject: Subject, rows: EvaluationRows, limits: PromotionLimits
    ) -> None:
        self._server, self._subject, self._rows, self._limits = server, subject, rows, limits

    def answers_of(self, model: StoredModel) -> ModelAnswers:
        """Load a model and ask it everything; an error is part of the answers."""
        facts: dict[str, Any] = {
            "version": model.version,
            "megabytes": model.size / 1e6,
            "files_hash": model.files_hash,
            "threshold": model.threshold,
        }
        try:
            facts["load_seconds"] = self._server.load(model, self._limits.load_seconds)
            return ModelAnswers(**facts, **self._asked(model))
        except (ServingError, ServingUnavailable) as error:
            log.warning("scoring model version %s: %s", model.version, error)
            return ModelAnswers(**facts, load_error=str(error))

    def latencies(self, candidate: ModelAnswers, champion: ModelAnswers | None) -> dict[int, list[float]]:
        """Milliseconds by version; empty where one of them doesn't answer properly."""
        versions = [one.version for one in (candidate, champion) if one]
        if candidate.load_error or candidate.improper:
            return {}
        texts = self._rows.texts or self._subject.edge_cases
        try:
            return latencies(self._server.client, versions, texts, self._limits.latency_batch)
        except (ServingError, ServingUnavailable) as error:
            log.warning("timing model versions %s: %s", versions, error)
            return {}

    def _asked(self, model: StoredModel) -> dict[str, Any]:
        client, rows = self._server.client, self._rows
        texts = [*rows.texts, *self._subject.edge_cases]
        found = probe(client, model.version, texts)
        own = Answers(found.probabilities[: len(rows.texts)], model.threshold)
        answers, cross_fitted = self._fit_to_be_measured(model, own)
        return {
            "asked": len(texts),
            "improper": found.improper,
            "improper_text": found.refusal,
            "probabilities": finite_or_none(answers.probabilities),
            "thresholds": np.broadcast_to(answers.threshold, len(rows.texts)).tolist(),
            "cross_fitted": cross_fitted,
            "met_weakly": int(seen(model.report, rows.hashes).sum()),
            "repeat_difference": repeat_difference(client, model.version, texts, found),
            "behaviour": self._behaviour(model, found),
        }

    def _fit_to_be_measured(self, model: StoredModel, own: Answers) -> tuple[Answers, int]:
        """The answers with those of cross-fitted models for golden rows that the model learned from, and the
        number of these rows."""
        if self._rows.source != "golden":
            return own, 0
        kept = CrossFittedAnswers.load(model.report)
        learned = int(kept.learned(self._rows.hashes).sum())
        return (kept.instead_of(own, MODEL, self._rows.hashes), learned) if learned else (own, 0)

    def _behaviour(self, model: StoredModel, found: ProbeResult) -> dict[str, Any] | None:
        behaviour, client = self._subject.behaviour, self._server.client
        if behaviour is None or np.isnan(found.probabilities).all():
            return None
        ran = behaviour(lambda texts: probe(client, model.version, texts).probabilities, model.threshold)
        for failure in ran["failures"]:
            failure["probabilities"] = finite_or_none(failure["probabilities"])
        return ran
