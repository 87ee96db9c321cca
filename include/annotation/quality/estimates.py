"""The golden labels that may feed an estimate: an unbiased sample, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql

from include.datasets.golden_set import AGREED_LABELS
from include.schema.dataset_tables import VersionTables
from include.statistics.intervals import wilson


@dataclass(frozen=True, slots=True)
class Sampled:
    """A text of the sample, the label that people agree on, and the weak one."""

    text_hash: str
    text: str
    label: int
    weak_label: int | None


def sampled_labels(connection: psycopg.Connection, tables: VersionTables) -> list[Sampled]:
    """Agreed labels of test posts that the random queue drew.

    A label from another queue or from a file was picked by somebody for some reason; only the queue
    ``random`` draws by lot, and only of test posts do the targeted queues take none away. A text stays
    in the sample when a colleague or an adjudicator labels it later; it leaves while people are split.
    """
    query = sql.SQL(
        """SELECT s.text_hash, s.text, g.label, s.weak_label
           FROM {} s JOIN {} g USING (text_hash)
           WHERE EXISTS (SELECT FROM standing_event e WHERE e.text_hash = s.text_hash
                         AND e.queue = 'random' AND e.label IS NOT NULL)
           ORDER BY s.text_hash"""
    ).format(sql.Identifier(tables.split("test")), AGREED_LABELS)
    return [Sampled(*row) for row in connection.execute(query)]


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


def estimates(sample: list[Sampled]) -> list[Estimate]:
    """How much of the dataset is about AI, and how good its weak labels are.

    A post without a weak label counts as not found, as it never teaches the class.

    >>> one, two = Sampled("a", "a", 1, 1), Sampled("b", "b", 1, None)
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
