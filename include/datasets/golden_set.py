"""The posts that people have labelled, as the model meets them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import psycopg
from psycopg import sql

from include.schema.dataset_tables import VersionTables, table_exists

FEWEST_TO_LEARN_FROM = 50
FEWEST_OF_A_CLASS = 15
"""With fewer golden labels outside the test split none is learned from: too few to choose a threshold on."""


@dataclass(frozen=True)
class Labelled:
    """Texts with certain labels, bool[n]; ``source`` says whose."""

    source: str
    texts: Sequence[str]
    labels: np.ndarray


@dataclass(frozen=True)
class Golden(Labelled):
    """Golden labels with what decides their use.

    hashes, groups (of near-duplicates), langs (None where unknown): one per text; in_test: bool[n], in
    the version's test split, so only ever measured on.
    """

    hashes: Sequence[str]
    groups: Sequence[str]
    langs: Sequence[str | None]
    in_test: np.ndarray

    @property
    def learnable(self) -> np.ndarray:
        """bool[n]: the rows a model may learn from; none where they are too few to be of use."""
        outside = ~self.in_test
        positives = int(self.labels[outside].sum())
        rarer = min(positives, int(outside.sum()) - positives)
        enough = outside.sum() >= FEWEST_TO_LEARN_FROM and rarer >= FEWEST_OF_A_CLASS
        return outside if enough else np.zeros(len(outside), dtype=bool)

    def hashes_of(self, rows: np.ndarray) -> list[str]:
        """Hashes of some rows, bool[n]."""
        return [self.hashes[row] for row in np.flatnonzero(rows).tolist()]


def read_golden(connection: psycopg.Connection, tables: VersionTables) -> Golden | None:
    """The version's posts that people have labelled and agree on; None where there are none."""
    test = tables.split("test")
    held: sql.Composable = sql.SQL("SELECT NULL::text WHERE false")
    if table_exists(connection, test):
        held = sql.SQL("SELECT near_duplicate_group FROM {}").format(sql.Identifier(test))
    query = sql.SQL("""
        SELECT d.text, g.label, d.text_hash, d.near_duplicate_group, d.lang,
               d.near_duplicate_group IN ({held})
        FROM {posts} d
        JOIN (SELECT text_hash, min(agreed_label) AS label FROM golden_label
              WHERE agreed_label IS NOT NULL GROUP BY text_hash) g USING (text_hash)
        ORDER BY d.text_hash
    """).format(held=held, posts=sql.Identifier(tables.deduplicated))
    rows = connection.execute(query).fetchall()
    if not rows:
        return None
    texts, labels, hashes, groups, langs, in_test = zip(*rows, strict=True)
    return Golden("golden", list(texts), np.array(labels) == 1, hashes, groups, langs, np.array(in_test))
