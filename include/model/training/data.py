"""What the classifier learns from and what judges it, read from a dataset version's tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import psycopg
from psycopg import sql

from include.datasets.golden_set import Golden, Labelled, read_golden
from include.errors import UserError
from include.model.training.network import SoftLabelled
from include.schema.dataset_tables import VersionTables, require_table

TRAINED_ON = ("snorkel_train", "train")
FEWEST_ROWS = 20
FEWEST_DEV_ROWS = 20
HELD_BACK = 0.1
"""The share of the training rows that stands in for a dev table too small to stop on."""


class TooFewLabels(UserError):
    """There is too little to learn from."""


@dataclass(frozen=True)
class Data:
    """All the posts of one training; ``counts`` says how many of which."""

    train: SoftLabelled
    dev: SoftLabelled
    dev_source: str
    golden: Golden | None
    weak: Labelled | None
    hashes: list[str]
    counts: dict[str, int]


def read_data(connection: psycopg.Connection, tables: VersionTables, seed: int) -> Data:
    """Read what a version offers. Posts with a golden label, and their near-duplicates, are in no
    part but ``golden``; abstaining posts (no weak label) are in none. So what was learned from ``train``
    alone has met no golden post in any form.

    Raises:
        MissingTable: a table that an earlier DAG makes.
        TooFewLabels: with the counts, and what to run.
    """
    require_table(connection, tables.deduplicated, "build_dataset")
    for name in tables.splits.values():
        require_table(connection, name, "build_dataset")
    rows = sorted(row for name in TRAINED_ON for row in _soft(connection, tables, name))
    dev_rows = sorted(_soft(connection, tables, "dev"))
    _check(connection, tables, rows)
    counts = {"train": len(rows), "dev": len(dev_rows), **_left_out(connection, tables)}
    dev_source = f"dev table, {len(dev_rows)} weak labels"
    if not _usable(dev_rows):
        rows, dev_rows = _hold_back(rows, seed)
        dev_source = f"{len(dev_rows)} weak labels held back from training (the dev table has too few)"
    return Data(
        train=_as_soft(rows),
        dev=_as_soft(dev_rows),
        dev_source=dev_source,
        golden=read_golden(connection, tables),
        weak=read_weak(connection, tables),
        hashes=[row[0] for row in rows],
        counts=counts,
    )


def read_weak(connection: psycopg.Connection, tables: VersionTables) -> Labelled | None:
    """The weak labels of the test table; None where every post of it abstains."""
    query = "SELECT text, weak_label FROM {} WHERE weak_label IS NOT NULL ORDER BY text_hash"
    rows = connection.execute(sql.SQL(query).format(sql.Identifier(tables.split("test")))).fetchall()
    return (
        Labelled("weak", [row[0] for row in rows], np.array([row[1] == 1 for row in rows])) if rows else None
    )


def _soft(connection: psycopg.Connection, tables: VersionTables, split: str) -> list[tuple[str, str, float]]:
    """text_hash, text and probability of the rows that have a label and no golden relative."""
    query = sql.SQL("""
        SELECT text_hash, text, weak_probability FROM {split}
        WHERE weak_probability IS NOT NULL AND weak_label IS NOT NULL
          AND text_hash NOT IN (SELECT text_hash FROM golden_label)
          AND near_duplicate_group NOT IN (
              SELECT d.near_duplicate_group FROM {deduplicated} d JOIN golden_label USING (text_hash))
    """).format(split=sql.Identifier(tables.split(split)), deduplicated=sql.Identifier(tables.deduplicated))
    return [tuple(row) for row in connection.execute(query)]


def _left_out(connection: psycopg.Connection, tables: VersionTables) -> dict[str, int]:
    names = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT weak_label FROM {}").format(sql.Identifier(tables.split(name))) for name in TRAINED_ON
    )
    query = sql.SQL("SELECT count(*), count(*) FILTER (WHERE weak_label IS NULL) FROM ({}) rows").format(
        names
    )
    total, abstaining = connection.execute(query).fetchone() or (0, 0)
    return {"train_tables": total, "abstaining": abstaining}


def _check(connection: psycopg.Connection, tables: VersionTables, rows: list[tuple[str, str, float]]) -> None:
    counts = _left_out(connection, tables)
    positives = sum(row[2] > 0.5 for row in rows)
    if counts["train_tables"] and counts["train_tables"] == counts["abstaining"]:
        raise TooFewLabels(
            f"no post of version {tables.version}'s training tables has a weak label: run the DAG "
            "label_dataset for this version first (if it ran, no labelling function voted: see its report)"
        )
    if len(rows) < FEWEST_ROWS or positives < 2 or len(rows) - positives < 2:
        raise TooFewLabels(
            f"version {tables.version} has {len(rows)} labelled training posts, {positives} of them about "
            f"AI, of {counts['train_tables']} posts ({counts['abstaining']} without a weak label); training "
            f"needs {FEWEST_ROWS}, with 2 of each class: collect more posts (DAGs collect_tweets and "
            "build_dataset), or run label_dataset if it hasn't"
        )


def _usable(rows: list[tuple[str, str, float]]) -> bool:
    positives = sum(row[2] > 0.5 for row in rows)
    return len(rows) >= FEWEST_DEV_ROWS and 2 <= positives <= len(rows) - 2


def _hold_back(
    rows: list[tuple[str, str, float]], seed: int
) -> tuple[list[tuple[str, str, float]], list[tuple[str, str, float]]]:
    """The rows to learn from and those to stop on, with some of each class in both."""
    order = np.random.default_rng(seed).permutation(len(rows))
    by_class: dict[bool, list[int]] = {True: [], False: []}
    for index in order:
        by_class[rows[index][2] > 0.5].append(int(index))
    held = {i for members in by_class.values() for i in members[: max(1, round(HELD_BACK * len(members)))]}
    return [r for i, r in enumerate(rows) if i not in held], [r for i, r in enumerate(rows) if i in held]


def _as_soft(rows: list[tuple[str, str, float]]) -> SoftLabelled:
    return SoftLabelled([row[1] for row in rows], np.array([row[2] for row in rows], dtype=np.float64))
