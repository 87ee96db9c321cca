"""The posts that a training learns from and is measured on, read from a dataset version's tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import psycopg
from psycopg import sql

from include.datasets.golden_set import Golden, Labelled, read_golden
from include.errors import UserError
from include.model.registry.provenance import data_hash
from include.model.training.soft_labels import SoftLabelled, SoftRow
from include.schema.dataset_tables import VersionTables, require_table

TRAINED_ON = ("snorkel_train", "train")
FEWEST_ROWS = 20
FEWEST_DEV_ROWS = 20
HELD_BACK = 0.1
"""The share of the training rows that is used in place of a dev table too small for early stopping."""


class TooFewLabels(UserError):
    """There is too little to learn from."""


@dataclass(frozen=True)
class TrainingData:
    """All posts of one training.

    hashes: of the texts of ``train``; counts: rows of train, of dev, of the training tables, and abstaining
    ones of those.
    """

    train: SoftLabelled
    dev: SoftLabelled
    dev_source: str
    golden: Golden | None
    weak: Labelled | None
    hashes: list[str]
    counts: dict[str, int]

    @property
    def learns_from_golden(self) -> bool:
        """Whether there are enough golden labels to learn from."""
        return self.golden is not None and bool(self.golden.learnable.any())

    def content_hash(self) -> str:
        """A hash of all rows that are learned from, weak and golden ones alike."""
        hashes, probabilities = list(self.hashes), self.train.probabilities
        if self.golden is not None and self.learns_from_golden:
            rows = self.golden.learnable
            hashes += self.golden.hashes_of(rows)
            probabilities = np.append(probabilities, self.golden.labels[rows])
        return data_hash(hashes, probabilities)


def read_data(connection: psycopg.Connection, tables: VersionTables, seed: int) -> TrainingData:
    """Read a version's posts.

    Posts with a golden label, and their near-duplicates, are only in ``golden``; posts without a weak label
    are left out. So a model that learned from ``train`` alone has seen no golden post in any form.

    Raises:
        MissingTable: a table that an earlier DAG makes.
        TooFewLabels: with the counts, and what to run.
    """
    require_table(connection, tables.deduplicated, "build_dataset")
    for name in tables.splits.values():
        require_table(connection, name, "build_dataset")
    rows = sorted(row for name in TRAINED_ON for row in _soft(connection, tables, name))
    dev_rows = sorted(_soft(connection, tables, "dev"))
    counts = {"train": len(rows), "dev": len(dev_rows), **_table_counts(connection, tables)}
    _require_enough(rows, counts, tables.version)
    dev_source = f"dev table, {len(dev_rows)} weak labels"
    if not _usable(dev_rows):
        rows, dev_rows = _hold_back(rows, seed)
        dev_source = f"{len(dev_rows)} weak labels held back from training (the dev table has too few)"
    return TrainingData(
        train=SoftLabelled.of(rows),
        dev=SoftLabelled.of(dev_rows),
        dev_source=dev_source,
        golden=read_golden(connection, tables),
        weak=read_weak(connection, tables),
        hashes=[row[0] for row in rows],
        counts=counts,
    )


def read_weak(connection: psycopg.Connection, tables: VersionTables) -> Labelled | None:
    """The weak labels of the test table; None where none of its posts has one."""
    query = "SELECT text, weak_label FROM {} WHERE weak_label IS NOT NULL ORDER BY text_hash"
    rows = connection.execute(sql.SQL(query).format(sql.Identifier(tables.split("test")))).fetchall()
    return (
        Labelled("weak", [row[0] for row in rows], np.array([row[1] == 1 for row in rows])) if rows else None
    )


def _soft(connection: psycopg.Connection, tables: VersionTables, split: str) -> list[SoftRow]:
    """The rows that have a weak label, and no golden label on them or on a near-duplicate."""
    query = sql.SQL("""
        SELECT text_hash, text, weak_probability FROM {split}
        WHERE weak_probability IS NOT NULL AND weak_label IS NOT NULL
          AND text_hash NOT IN (SELECT text_hash FROM golden_label)
          AND near_duplicate_group NOT IN (
              SELECT d.near_duplicate_group FROM {deduplicated} d JOIN golden_label USING (text_hash))
    """).format(split=sql.Identifier(tables.split(split)), deduplicated=sql.Identifier(tables.deduplicated))
    return [tuple(row) for row in connection.execute(query)]


def _table_counts(connection: psycopg.Connection, tables: VersionTables) -> dict[str, int]:
    """Rows of the training tables, and how many of them have no weak label."""
    names = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT weak_label FROM {}").format(sql.Identifier(tables.split(name))) for name in TRAINED_ON
    )
    query = sql.SQL("SELECT count(*), count(*) FILTER (WHERE weak_label IS NULL) FROM ({}) rows").format(
        names
    )
    total, abstaining = connection.execute(query).fetchone() or (0, 0)
    return {"train_tables": total, "abstaining": abstaining}


def _require_enough(rows: list[SoftRow], counts: dict[str, int], version: int) -> None:
    positives = sum(row[2] > 0.5 for row in rows)
    if counts["train_tables"] and counts["train_tables"] == counts["abstaining"]:
        raise TooFewLabels(
            f"no post of version {version}'s training tables has a weak label: run the DAG "
            "label_dataset for this version first (if it ran, no labelling function voted: see its report)"
        )
    if len(rows) < FEWEST_ROWS or positives < 2 or len(rows) - positives < 2:
        raise TooFewLabels(
            f"version {version} has {len(rows)} labelled training posts, {positives} of them about "
            f"AI, of {counts['train_tables']} posts ({counts['abstaining']} without a weak label); training "
            f"needs {FEWEST_ROWS}, with 2 of each class: collect more posts (DAGs collect_tweets and "
            "build_dataset), or run label_dataset if it hasn't"
        )


def _usable(rows: list[SoftRow]) -> bool:
    positives = sum(row[2] > 0.5 for row in rows)
    return len(rows) >= FEWEST_DEV_ROWS and 2 <= positives <= len(rows) - 2


def _hold_back(rows: list[SoftRow], seed: int) -> tuple[list[SoftRow], list[SoftRow]]:
    """The rows to learn from and those for early stopping, with some of each class in both."""
    order = np.random.default_rng(seed).permutation(len(rows))
    by_class: dict[bool, list[int]] = {True: [], False: []}
    for index in order:
        by_class[rows[index][2] > 0.5].append(int(index))
    held = {i for members in by_class.values() for i in members[: max(1, round(HELD_BACK * len(members)))]}
    return [r for i, r in enumerate(rows) if i not in held], [r for i, r in enumerate(rows) if i in held]
