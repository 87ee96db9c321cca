"""The posts with golden labels, which the labellers are compared on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import psycopg
from psycopg import sql

from include.datasets.golden_set import AGREED_LABELS
from include.labelling.votes import votes
from include.schema.dataset_tables import VersionTables


@dataclass(frozen=True)
class GoldenPosts:
    """g posts outside the test split: ids, texts, near-duplicate groups and agreed labels, int8 [g].

    held_out: how many golden posts are in the test split; nothing may be chosen on those.
    """

    ids: Sequence[str]
    texts: Sequence[str]
    groups: Sequence[str]
    labels: np.ndarray
    held_out: int = 0

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def votes(self) -> np.ndarray:
        """Votes of all functions, [g, m]."""
        return votes(self.texts)


def golden_posts(connection: psycopg.Connection, tables: VersionTables) -> GoldenPosts:
    """The posts of a version whose label annotators agree on."""
    found: list[tuple[str, str, str, int]] = []
    held_out = 0
    for name, table in tables.splits.items():
        query = sql.SQL(
            """SELECT s.id, s.text, s.near_duplicate_group, g.label
               FROM {} s JOIN {} g USING (text_hash) ORDER BY s.id"""
        ).format(sql.Identifier(table), AGREED_LABELS)
        rows = connection.execute(query).fetchall()
        if name == "test":
            held_out = len(rows)
        else:
            found += rows
    ids, texts, groups, labels = zip(*found, strict=True) if found else ((), (), (), ())
    return GoldenPosts(ids, texts, groups, np.array(labels, dtype=np.int8), held_out)
