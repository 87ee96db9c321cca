"""Score a candidate and the champion on the same rows through the same server."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import Any

import numpy as np

from include.model.evaluation.baseline_comparison import MODEL
from include.model.evaluation.behaviour import run_cases
from include.model.evaluation.predictions import Answers, CrossFittedAnswers
from include.model.evaluation.slices import parts_of
from include.model.registry.store import ModelStore
from include.model.registry.trained_on import seen
from include.promotion.limits import GateLimits
from include.promotion.scoring.edge_case_texts import ODD_TEXTS
from include.promotion.scoring.evaluation_rows import Rows, judging_rows
from include.promotion.scoring.probes import Said, ask, latencies, repeat_difference
from include.promotion.scoring.record import Answered, Scoring, now, numbers
from include.promotion.scoring.server import ScoringServer, scoring_server
from include.serving.client import ServingError, ServingUnavailable
from include.settings import Settings

log = logging.getLogger(__name__)

REPORT = "report"
"""What lies beside a SavedModel in its folder and is not served."""


def score(version: int, in_service: int | None, settings: Settings) -> Scoring:
    """Load both models on a server of their own and write down what they answer.

    Args:
        version: the candidate.
        in_service: the champion's version; None where nothing is in service.

    Raises:
        NoModel: the store doesn't hold the candidate.
        MissingTable: the candidate's dataset version isn't built.
        StackError: the scoring server did not start.
    """
    store, limits = ModelStore(settings), GateLimits.of(settings)
    dataset_version = store.metrics(version)["dataset_version"]
    rows = judging_rows(dataset_version, store.report(version), settings, limits)
    with scoring_server(settings) as server:
        scorer = _Scorer(server, store, rows, limits)
        champion, why_not = scorer.champion(in_service)
        candidate = scorer.answered(version)
        took = scorer.latencies(candidate, champion)
    return Scoring(
        model_name=settings.model_name,
        dataset_version=dataset_version,
        in_service=in_service,
        scored_at=now(),
        judged_by=rows.source,
        counts=rows.counts,
        hashes=rows.hashes,
        labels=rows.labels.tolist(),
        parts=[parts_of(text, lang) for text, lang in zip(rows.texts, rows.langs, strict=True)],
        candidate=candidate.model_copy(update={"latency_ms": took.get(version, [])}),
        champion=champion and champion.model_copy(update={"latency_ms": took.get(champion.version, [])}),
        not_compared=why_not,
        latency_batch=limits.latency_batch,
    )


class _Scorer:
    """One scoring under way."""

    def __init__(self, server: ScoringServer, store: ModelStore, rows: Rows, limits: GateLimits) -> None:
        self._server, self._store, self._rows, self._limits = server, store, rows, limits

    def champion(self, version: int | None) -> tuple[Answered | None, str | None]:
        """What the champion answers, else why it can't be compared."""
        if version is None:
            return None, None
        if self._rows.source != "golden":
            return None, "weak labels come from the candidate's own dataset version and compare no models"
        if version not in self._store.versions():
            return None, "it is no longer in the model store"
        found = self.answered(version)
        return (None, found.load_error) if found.load_error else (found, None)

    def answered(self, version: int) -> Answered:
        """Load a version and ask it everything; what goes wrong is part of the answer."""
        facts = self._facts(version)
        try:
            facts["load_seconds"] = self._server.load(version, self._limits.load_seconds)
            return Answered(**facts, **self._asked(version, facts["threshold"]))
        except (ServingError, ServingUnavailable) as error:
            log.warning("scoring model version %s: %s", version, error)
            return Answered(**facts, load_error=str(error))

    def latencies(self, candidate: Answered, champion: Answered | None) -> dict[int, list[float]]:
        """By version; empty where one of them doesn't answer properly."""
        versions = [one.version for one in (candidate, champion) if one]
        if candidate.load_error or candidate.improper:
            return {}
        texts = self._rows.texts or ODD_TEXTS
        try:
            return latencies(self._server.client, versions, texts, self._limits.latency_batch)
        except (ServingError, ServingUnavailable) as error:
            log.warning("timing model versions %s: %s", versions, error)
            return {}

    def _facts(self, version: int) -> dict[str, Any]:
        folder = self._store.path(version)
        size, digest = measure(folder)
        threshold = float(self._store.metrics(version)["threshold"])
        return {"version": version, "megabytes": size / 1e6, "files_hash": digest, "threshold": threshold}

    def _asked(self, version: int, threshold: float) -> dict[str, Any]:
        client, rows = self._server.client, self._rows
        texts = [*rows.texts, *ODD_TEXTS]
        said = ask(client, version, texts)
        answers, cross_fitted = self._as_judged(
            version, Answers(said.probabilities[: len(rows.texts)], threshold)
        )
        return {
            "asked": len(texts),
            "improper": said.improper,
            "improper_text": said.refusal,
            "probabilities": numbers(answers.probabilities),
            "thresholds": np.broadcast_to(answers.threshold, len(rows.texts)).tolist(),
            "cross_fitted": cross_fitted,
            "met_weakly": int(seen(self._store.report(version), rows.hashes).sum()),
            "repeat_difference": repeat_difference(client, version, texts, said),
            "behaviour": self._behaviour(version, threshold, said),
        }

    def _as_judged(self, version: int, own: Answers) -> tuple[Answers, int]:
        """For golden rows that a model learned from, the answers of models that had not met them."""
        if self._rows.source != "golden":
            return own, 0
        kept = CrossFittedAnswers.load(self._store.report(version))
        learned = int(kept.learned(self._rows.hashes).sum())
        return (kept.instead_of(own, MODEL, self._rows.hashes), learned) if learned else (own, 0)

    def _behaviour(self, version: int, threshold: float, said: Said) -> dict[str, Any] | None:
        if np.isnan(said.probabilities).all():
            return None
        client = self._server.client
        found = run_cases(lambda texts: ask(client, version, texts).probabilities, threshold)
        for failure in found["failures"]:
            failure["probabilities"] = numbers(failure["probabilities"])
        return found


def measure(folder: Path) -> tuple[int, str]:
    """Bytes of what is served of a model's folder, and the SHA-256 of its files' names and content."""
    digest, size = hashlib.sha256(), 0
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and name.parts[0] != REPORT:
            content = path.read_bytes()
            size += len(content)
            digest.update(f"{name.as_posix()}\0{len(content)}\0".encode() + content)
    return size, digest.hexdigest()
