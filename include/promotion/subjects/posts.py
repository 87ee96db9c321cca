"""The classifier of posts: a text in, the probability that it is about AI out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from include.infra.postgres.connection import connect
from include.model.evaluation.behaviour import CASES, run_cases
from include.model.evaluation.slices import parts_of
from include.promotion.subjects.edge_case_texts import EDGE_CASE_TEXTS
from include.promotion.subjects.post_rows import evaluation_rows
from include.promotion.subjects.subject import Subject
from include.serving.examples import TEXTS
from include.settings import Settings

SAMPLE = 256
"""The latest classified posts that a canary is asked for."""


def expected_answers(folder: Path, texts: Sequence[str]) -> np.ndarray:
    """The stored version's own probabilities: float64[n]. Loads TensorFlow."""
    from include.model.training.saved_model import LoadedModel

    return LoadedModel(folder).probabilities(texts)


def latest_texts(settings: Settings) -> list[str]:
    """The latest classified posts; none where there are too few to compare by."""
    query = "SELECT text FROM ai_tweets ORDER BY arrived_at DESC, id LIMIT %s"
    with connect(settings) as connection:
        found = [row[0] for row in connection.execute(query, [SAMPLE])]
    return found if len(found) == SAMPLE else []


def classified(settings: Settings, seconds: float) -> dict[str, int]:
    """How many of the stream's posts of the last so many seconds each version answered."""
    query = """
        SELECT model_version, count(*) FROM ai_tweets
        WHERE arrived_at > clock_timestamp() - %s * interval '1 second' GROUP BY 1
    """
    with connect(settings) as connection:
        return {str(version): count for version, count in connection.execute(query, [seconds])}


POSTS = Subject(
    form=TEXTS,
    rows=evaluation_rows,
    parts=parts_of,
    edge_cases=EDGE_CASE_TEXTS,
    probes=[*EDGE_CASE_TEXTS, *(text for case in CASES for text in case.texts)],
    expected=expected_answers,
    behaviour=run_cases,
    latest=latest_texts,
    traffic=classified,
)
