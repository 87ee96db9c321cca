"""Posts with labels that a study only measures on: nothing learns from them or from what is near to them.

Labels that the labelling functions were written with in view flatter what learns from those functions.
A second sample, labelled by the same guideline and looked at by nobody before, does not.
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
    judge,
    keyword_answers,
    verdict,
)
from include.model.evaluation.predictions import Answers
from include.model.training.classifier import Learner
from include.model.training.data import Data
from include.model.training.golden_study import Study, fit_tfidf
from include.model.training.network import SoftLabelled
from include.posts.text import text_hash
from include.schema.dataset_tables import VersionTables
from include.statistics.classification import f1_difference


class NothingHeldOut(UserError):
    """No post of the file can be measured on."""


@dataclass(frozen=True)
class HeldOut(Labelled):
    """The posts that are measured on. near_golden: how many of the file were left out since a golden label
    of theirs or of a near-duplicate is learned from; taken_out: how many weak rows are not learned from."""

    near_golden: int
    taken_out: int


def hold_out(
    connection: psycopg.Connection,
    tables: VersionTables,
    data: Data,
    texts: Sequence[str],
    labels: np.ndarray,
) -> tuple[Data, HeldOut]:
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
    train = _rows(data.train, kept)
    dev = _rows(
        data.dev, [r for r, text in enumerate(data.dev.texts) if groups.get(text_hash(text)) not in held]
    )
    taken = len(data.train.texts) - len(train.texts) + len(data.dev.texts) - len(dev.texts)
    less = replace(data, train=train, dev=dev, hashes=[data.hashes[row] for row in kept])
    return less, HeldOut("held-out", [texts[row] for row in rows], left, len(texts) - len(rows), taken)


def figures(study: Study, learner: Learner, data: Data, held: HeldOut) -> dict[str, Any]:
    """What a model that learned from all golden labels outside test, and the baselines, reach on them."""
    assert data.golden is not None
    rows, model, baseline = data.golden.learnable, study.found[MODEL], study.found[TFIDF]
    logits = learner.logits(held.texts, learner.taught(rows))
    tfidf = fit_tfidf(data.train, data.golden, rows).calibrated(baseline.stack)
    answers = {
        MODEL: Answers(model.stack(logits), model.threshold),
        KEYWORDS: keyword_answers(held.texts),
        TFIDF: Answers(tfidf.probabilities(held.texts), baseline.threshold),
    }
    judged = judge(held.labels, answers)
    differences = {
        name: f1_difference(held.labels, answers[MODEL].predicted, answers[name].predicted)
        for name in (KEYWORDS, TFIDF)
    }
    return {
        "verdict": verdict(judged, held.source),
        **judged.pop(MODEL),
        "baselines": judged,
        "f1_differences": {name: {"point": p, "interval": list(i)} for name, (p, i) in differences.items()},
        "near_golden": held.near_golden,
        "weak_rows_taken_out": held.taken_out,
    }


def _groups(connection: psycopg.Connection, tables: VersionTables) -> dict[str, str]:
    query = sql.SQL("SELECT text_hash, near_duplicate_group FROM {}").format(
        sql.Identifier(tables.deduplicated)
    )
    return dict(connection.execute(query).fetchall())


def _rows(rows: SoftLabelled, kept: Sequence[int]) -> SoftLabelled:
    return SoftLabelled([rows.texts[row] for row in kept], rows.probabilities[list(kept)])
