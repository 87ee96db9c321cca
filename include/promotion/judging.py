"""Judging a candidate, and what a server is proven with."""

from __future__ import annotations

import numpy as np

from include.model.evaluation.behaviour import CASES
from include.model.registry.store import ModelStore
from include.promotion.evidence import Judged, read_scoring, write_evidence, write_scoring
from include.promotion.gate.gate import judge
from include.promotion.limits import GateLimits
from include.promotion.scoring.edge_case_texts import ODD_TEXTS
from include.promotion.scoring.score import score
from include.settings import Settings


def score_candidate(version: int, champion: int | None, settings: Settings) -> int:
    """Score it beside the champion and keep what both answered; returns the scoring's number.

    Raises:
        NoModel, MissingTable: there is no such model, or its dataset version isn't built.
        StackError: the scoring server did not start.
    """
    return write_scoring(settings, score(version, champion, settings))


def judge_scoring(number: int, settings: Settings) -> Judged:
    """Apply the gate's rules to a kept scoring, and keep what they came to.

    Raises:
        NoEvidence: there is no such scoring.
    """
    scoring = read_scoring(settings, number)
    return write_evidence(settings, number, scoring, judge(scoring, GateLimits.of(settings)))


def expected_answers(version: int, settings: Settings) -> tuple[list[str], np.ndarray]:
    """Texts to ask a server for, and what the stored model itself says of them."""
    from include.model.training.saved_model import LoadedModel

    texts = [*ODD_TEXTS, *(text for case in CASES for text in case.texts)]
    return texts, LoadedModel(ModelStore(settings).path(version)).probabilities(texts)
