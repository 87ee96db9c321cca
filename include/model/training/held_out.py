"""Labelled posts that a study only measures on: nothing learns from them or from their near-duplicates.

The labelling functions were written with some golden labels in view, which makes figures on those optimistic.
A second sample, labelled by the same guideline and not looked at before, is free of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import psycopg
from psycopg import sql

from include.datasets.golden_set import Labelled
from include.errors import UserError
from include.model.evaluation.baseline_comparison import (
    KEYWORDS,
    MODEL,
    TFIDF,
    difference_of_f1,
    keyword_answers,
    metrics_by_name,
    verdict,
)
from include.model.evaluation.predictions import Answers
from include.model.training.classifier import FittedParts
from include.model.training.data import TrainingData
from include.model.training.golden_study import Study
from include.model.training.tfidf_baseline import fit_tfidf
from include.posts.text import text_hash
from include.schema.dataset_tables import VersionTables


class NothingHeldOut(UserError):
    """No post of the file can be measured on."""


@dataclass(frozen=True)
class HeldOut(Labelled):
    """The posts to measure on.

    near_golden: how many posts of the file were left out, because a golden label of theirs or of a
    near-duplicate is learned from; taken_out: how many weak rows are not learned from.
    """

    near_golden: int
    taken_out: int


def hold_out(
    connection: psycopg.Connection,
    tables: VersionTables,
    data: TrainingData,
    texts: Sequence[str],
    labels: np.ndarray,
) -> tuple[TrainingData, HeldOut]:
    """The data without weak labels of these posts (labels bool[n]) and of their near-duplicates.

    Raises:
        NothingHeldOut: golden labels of all of them are learned from, or they are all of one class.
    """
    groups = _groups(connection, tables)
    golden = set(data.golden.groups) if data.golden else set()
    own = [groups.get(text_hash(text)) for text in texts]
    rows = [row for row, group in enumerate(own) if group not in golden]
    left = np.array(labels)[rows]
    if not left.any() or left.all():
        raise NothingHeldOut(
            f"of {len(texts)} held-out posts {len(texts) - len(rows)} have a golden label in version "
            f"{tables.version}, or are near to one that has, and {int(left.sum())} of the other "
            f"{len(rows)} are about AI: both classes are needed, of posts without a golden label"
        )
    held = {own[row] for row in rows} - {None}
    kept = [row for row, one in enumerate(data.hashes) if groups.get(one) not in held]
    kept_dev = [row for row, text in enumerate(data.dev.texts) if groups.get(text_hash(text)) not in held]
    taken = len(data.train.texts) - len(kept) + len(data.dev.texts) - len(kept_dev)
    hashes = [data.hashes[row] for row in kept]
    less = replace(data, train=data.train.only(kept), dev=data.dev.only(kept_dev), hashes=hashes)
    return less, HeldOut("held-out", [texts[row] for row in rows], left, len(texts) - len(rows), taken)


def figures(study: Study, parts: FittedParts, data: TrainingData, held: HeldOut) -> dict[str, Any]:
    """Metrics on the held-out posts, of the baselines and of a model that learned from all golden labels
    outside test."""
    golden = study.golden
    rows, model, baseline = golden.learnable, study.found[MODEL], study.found[TFIDF]
    logits = parts.logits(parts.inputs.reader.read(held.texts), parts.refit(golden.labels, rows))
    tfidf = fit_tfidf(data.train, golden, rows).calibrated(baseline.calibration)
    answers = {
        MODEL: Answers(model.calibration(logits), model.threshold),
        KEYWORDS: keyword_answers(held.texts),
        TFIDF: Answers(tfidf.probabilities(held.texts), baseline.threshold),
    }
    metrics = metrics_by_name(held.labels, answers)
    return {
        "verdict": verdict(metrics, held.source),
        **metrics.pop(MODEL),
        "baselines": metrics,
        "f1_differences": {name: difference_of_f1(held.labels, answers, name) for name in (KEYWORDS, TFIDF)},
        "near_golden": held.near_golden,
        "weak_rows_taken_out": held.taken_out,
    }


def _groups(connection: psycopg.Connection, tables: VersionTables) -> dict[str, str]:
    """text_hash -> near-duplicate group, of the whole version."""
    query = sql.SQL("SELECT text_hash, near_duplicate_group FROM {}").format(
        sql.Identifier(tables.deduplicated)
    )
    return dict(connection.execute(query).fetchall())
