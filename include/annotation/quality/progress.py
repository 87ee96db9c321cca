"""How many posts each annotator has labelled, and how many posts of each split."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql

from include.datasets.golden_set import AGREED_LABELS


@dataclass(frozen=True, slots=True)
class AnnotatorProgress:
    """Counts of one annotator's standing events on a version."""

    annotator: str
    ai: int
    not_ai: int
    skipped: int
    flagged: int

    @property
    def labelled(self) -> int:
        return self.ai + self.not_ai


def progress(connection: psycopg.Connection, version: int) -> list[AnnotatorProgress]:
    """Progress of each annotator who labelled this version, the busiest first."""
    rows = connection.execute(
        """SELECT e.annotator,
                  count(DISTINCT e.text_hash) FILTER (WHERE e.label = 1),
                  count(DISTINCT e.text_hash) FILTER (WHERE e.label = 0),
                  count(DISTINCT e.text_hash) FILTER (WHERE e.action = 'skip'),
                  count(DISTINCT e.text_hash) FILTER (WHERE e.action = 'flag')
           FROM label_event e
           WHERE e.version = %s AND e.action <> 'undo'
             AND NOT EXISTS (SELECT FROM label_event u WHERE u.undoes = e.id)
           GROUP BY e.annotator ORDER BY count(*) DESC, e.annotator""",
        [version],
    )
    return [AnnotatorProgress(*row) for row in rows]


def posts_to_label(connection: psycopg.Connection, tables: dict[str, str]) -> dict[str, tuple[int, int]]:
    """Per split: how many texts have an agreed golden label, and how many texts there are."""
    counts = {}
    for split, table in tables.items():
        query = sql.SQL(
            """SELECT (SELECT count(*) FROM {agreed} g JOIN {split} s USING (text_hash)),
                      (SELECT count(*) FROM {split})"""
        ).format(agreed=AGREED_LABELS, split=sql.Identifier(table))
        row = connection.execute(query).fetchone()
        counts[split] = (row[0], row[1]) if row else (0, 0)
    return counts
