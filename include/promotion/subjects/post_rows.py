"""The labelled posts that a candidate is judged on, and which golden rows don't count."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import psycopg
from psycopg import sql

from include.datasets.golden_set import Golden, Minimum, read_golden
from include.infra.postgres.connection import connect
from include.model.evaluation.predictions import CrossFittedAnswers
from include.model.registry.stored_model import StoredModel
from include.model.registry.trained_on import seen
from include.model.training.data import read_weak
from include.posts.text import text_hash
from include.promotion.limits import PromotionLimits
from include.promotion.subjects.subject import EvaluationRows
from include.schema.dataset_tables import VersionTables, require_table, table_exists
from include.settings import Settings


def evaluation_rows(candidate: StoredModel, settings: Settings, limits: PromotionLimits) -> EvaluationRows:
    """The golden rows of the candidate's dataset version where enough of both classes count, else the weak
    labels of its test table.

    A golden row doesn't count where the candidate met the text or a near-duplicate of it in training by other
    means than the row's own golden label: by its weak label, or by the golden label of the near-duplicate.
    Rows learned from with their own golden label count, as the answers measured for them are those of models
    that had not met them.

    Raises:
        MissingTable: the dataset version isn't built.
    """
    minimum = Minimum(limits.min_golden, limits.min_golden_per_class)
    tables = VersionTables.of(candidate.dataset_version, settings)
    with connect(settings) as connection:
        require_table(connection, tables.deduplicated, "build_dataset")
        golden = read_golden(connection, tables)
        met = _met(connection, tables, golden, candidate) if golden else np.zeros(0, dtype=bool)
        counts = _counts(golden, met)
        if golden and minimum.met_by(golden.labels[~met]):
            return _golden_rows(golden, ~met, counts)
        weak = read_weak(connection, tables) if table_exists(connection, tables.split("test")) else None
    if weak is None:
        return EvaluationRows("none", [], np.zeros(0, dtype=bool), [], [], counts)
    hashes = [text_hash(text) for text in weak.texts]
    return EvaluationRows("weak", list(weak.texts), weak.labels, hashes, [None] * len(hashes), counts)


def _golden_rows(golden: Golden, counted: np.ndarray, counts: dict[str, int]) -> EvaluationRows:
    kept = np.flatnonzero(counted).tolist()
    texts, hashes, langs = (
        [column[i] for i in kept] for column in (golden.texts, golden.hashes, golden.langs)
    )
    return EvaluationRows("golden", texts, golden.labels[counted], hashes, langs, counts)  # type: ignore[arg-type]


def _counts(golden: Golden | None, met: np.ndarray) -> dict[str, int]:
    labels = golden.labels[~met] if golden else np.zeros(0, dtype=bool)
    return {
        "golden": len(met),
        "met_by_candidate": int(met.sum()),
        "counted": len(labels),
        "counted_positives": int(labels.sum()),
    }


def _met(
    connection: psycopg.Connection, tables: VersionTables, golden: Golden, candidate: StoredModel
) -> np.ndarray:
    """Which golden rows the candidate met in training by other means than their own golden label: bool[n]."""
    members = _groups(connection, tables, golden.groups)
    learned = CrossFittedAnswers.load(candidate.report).learned
    flat = [member for group in golden.groups for member in members[group]]
    met_weakly = dict(zip(flat, seen(candidate.report, flat).tolist(), strict=True))
    learned_golden = dict(zip(flat, learned(flat).tolist(), strict=True))
    rows = [
        not learned_golden[own]
        and any(met_weakly[member] or learned_golden[member] for member in members[group])
        for own, group in zip(golden.hashes, golden.groups, strict=True)
    ]
    return np.array(rows, dtype=bool)


def _groups(
    connection: psycopg.Connection, tables: VersionTables, groups: Sequence[str]
) -> dict[str, list[str]]:
    """The texts of each group of near-duplicates."""
    query = sql.SQL("SELECT near_duplicate_group, text_hash FROM {} WHERE near_duplicate_group = ANY (%s)")
    found: dict[str, list[str]] = {group: [] for group in groups}
    for group, member in connection.execute(
        query.format(sql.Identifier(tables.deduplicated)), [list(found)]
    ).fetchall():
        found[group].append(member)
    return found
