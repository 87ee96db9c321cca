"""The golden set: the posts that people have labelled and agree on, and how many of them a use needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import psycopg
from psycopg import sql

from include.schema.dataset_tables import VersionTables, table_exists

AGREED_LABELS = sql.SQL(
    "(SELECT DISTINCT text_hash, agreed_label AS label FROM golden_label WHERE agreed_label IS NOT NULL)"
)
"""As a table to select from: ``text_hash`` and ``label`` (0 or 1) of each text that people agree on."""


class Minimum(NamedTuple):
    """How many golden labels a use of them needs: in all, and of the rarer class."""

    labels: int
    of_a_class: int

    def met_by(self, labels: np.ndarray, groups: Sequence[str] | None = None) -> bool:
        """Whether these labels, bool or 0/1 [n], are enough.

        Args:
            groups: the near-duplicate group of each; given, ``of_a_class`` counts groups in place of labels.

        >>> Minimum(3, 1).met_by(np.array([1, 0, 0])), Minimum(3, 2).met_by(np.array([1, 0, 0]))
        (True, False)
        >>> Minimum(4, 2).met_by(np.array([1, 1, 0, 0]), groups=["a", "a", "b", "c"])
        False
        """
        counted = np.arange(len(labels)) if groups is None else np.array(groups)
        rarer = min(len(np.unique(counted[labels == label])) for label in (0, 1))
        return len(labels) >= self.labels and rarer >= self.of_a_class


TO_CHOOSE_A_LABELLER = Minimum(20, 5)
"""Fewer can't say whose weak labels are better."""
TO_LEARN_FROM = Minimum(50, 15)
"""Of labels outside the test split. With fewer none is learned from: too few to choose a threshold on."""
TO_LEARN_FROM_ALONE = Minimum(100, 10)
"""Of near-duplicate groups of each class, two for each of five folds: smaller folds say nothing."""


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
        return outside & TO_LEARN_FROM.met_by(self.labels[outside])

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
        JOIN {agreed} g USING (text_hash)
        ORDER BY d.text_hash
    """).format(held=held, agreed=AGREED_LABELS, posts=sql.Identifier(tables.deduplicated))
    rows = connection.execute(query).fetchall()
    if not rows:
        return None
    texts, labels, hashes, groups, langs, in_test = zip(*rows, strict=True)
    return Golden("golden", list(texts), np.array(labels) == 1, hashes, groups, langs, np.array(in_test))
