"""Estimates of a dataset's quality, from an unbiased sample of golden labels alone."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql

from include.datasets.golden_set import AGREED_LABELS
from include.schema.dataset_tables import VersionTables
from include.statistics.intervals import wilson


@dataclass(frozen=True, slots=True)
class SampledPost:
    """A text of the sample, the label that annotators agree on, and the weak one."""

    text_hash: str
    text: str
    label: int
    weak_label: int | None


def sampled_labels(connection: psycopg.Connection, tables: VersionTables) -> list[SampledPost]:
    """Agreed labels of test posts that the random queue drew.

    Labels from other queues or from files are not a random sample; the queue ``random`` is, and only for
    test posts, which the targeted queues never offer. A text stays in the sample when a colleague or an
    adjudicator labels it later; it leaves the sample while annotators disagree on it.
    """
    query = sql.SQL(
        """SELECT s.text_hash, s.text, g.label, s.weak_label
           FROM {} s JOIN {} g USING (text_hash)
           WHERE EXISTS (SELECT FROM standing_event e WHERE e.text_hash = s.text_hash
                         AND e.queue = 'random' AND e.label IS NOT NULL)
           ORDER BY s.text_hash"""
    ).format(sql.Identifier(tables.split("test")), AGREED_LABELS)
    return [SampledPost(*row) for row in connection.execute(query)]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share with its 95 % interval, of n posts; nan where n is 0."""

    name: str
    hits: int
    n: int

    @property
    def share(self) -> float:
        return self.hits / self.n if self.n else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.hits, self.n)


def estimates(sample: list[SampledPost]) -> list[Estimate]:
    """The share of posts about AI, and precision and recall of the weak labels.

    A post without a weak label counts as a miss, as it is never trained on.

    >>> one, two = SampledPost("a", "a", 1, 1), SampledPost("b", "b", 1, None)
    >>> [(e.name, e.hits, e.n) for e in estimates([one, two])]
    [('posts about AI', 2, 2), ('precision of weak AI labels', 1, 1), ('recall of weak AI labels', 1, 2)]
    """
    positive = [row for row in sample if row.label == 1]
    weak = [row for row in sample if row.weak_label == 1]
    both = sum(row.weak_label == 1 for row in positive)
    return [
        Estimate("posts about AI", len(positive), len(sample)),
        Estimate("precision of weak AI labels", both, len(weak)),
        Estimate("recall of weak AI labels", both, len(positive)),
    ]
