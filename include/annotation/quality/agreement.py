"""How well annotators agree on the texts that several of them labelled."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from include.statistics.agreement import (
    alpha_interval,
    cohen_kappa,
    kappa_interval,
    krippendorff_alpha,
)

KAPPA = "Cohen's kappa"
ALPHA = "Krippendorff's alpha"

Ratings = dict[str, dict[str, int]]
"""Text hash -> annotator -> label, of texts with two labels or more."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A measure of agreement on texts that two or more annotators labelled, with its 95 % interval.

    ``alike`` counts the texts on which they all agree. ``value`` and the bounds are nan where the measure is
    not defined, because all labels are the same.
    """

    measure: str
    annotators: tuple[str, ...]
    texts: int
    alike: int
    value: float
    low: float
    high: float


def ratings(connection: psycopg.Connection, version: int) -> Ratings:
    """Independent labels of texts labelled more than once, given on this version or imported for it.

    Adjudications are left out: adjudicators see the others' labels.
    """
    rows = connection.execute(
        """WITH latest AS (
               SELECT DISTINCT ON (text_hash, annotator) text_hash, annotator, label, version
               FROM standing_event WHERE action IN ('label', 'import')
               ORDER BY text_hash, annotator, id DESC
           )
           SELECT text_hash, array_agg(annotator ORDER BY annotator), array_agg(label ORDER BY annotator)
           FROM latest GROUP BY text_hash
           HAVING count(*) > 1 AND bool_or(version = %s)
           ORDER BY text_hash""",
        [version],
    )
    return {text: dict(zip(people, labels, strict=True)) for text, people, labels in rows}


def agreement(found: Ratings, *, rounds: int = 1000) -> Agreement | None:
    """Kappa for two annotators, alpha for more; None where no text was labelled by two.

    >>> pair = agreement({"a": {"ann": 1, "bob": 1}, "b": {"ann": 0, "bob": 0}})
    >>> pair.measure, pair.texts, pair.alike, pair.value
    ("Cohen's kappa", 2, 2, 1.0)
    """
    people = tuple(sorted({who for labels in found.values() for who in labels}))
    if not people:
        return None
    alike = sum(len(set(labels.values())) == 1 for labels in found.values())
    if len(people) == 2:
        first, second = ([labels[who] for labels in found.values()] for who in people)
        value, bounds = cohen_kappa(first, second), kappa_interval(first, second, rounds=rounds)
        return Agreement(KAPPA, people, len(found), alike, value, *bounds)
    units = {text: list(labels.values()) for text, labels in found.items()}
    value, bounds = krippendorff_alpha(units), alpha_interval(units, rounds=rounds)
    return Agreement(ALPHA, people, len(found), alike, value, *bounds)
