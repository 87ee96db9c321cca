"""The report on labelling functions: coverage, overlaps, conflicts, and precision on golden labels."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import psycopg
from psycopg.types.json import Jsonb

from include.labelling.functions import LABELLING_FUNCTIONS
from include.labelling.functions.registry import LabellingFunction
from include.lexicon.labels import ABSTAIN
from include.statistics.intervals import wilson

if TYPE_CHECKING:
    from include.labelling.model_selection import ChosenLabeller  # torch


def summary(votes: np.ndarray, functions: Sequence[LabellingFunction] = LABELLING_FUNCTIONS) -> pd.DataFrame:
    """Snorkel's own summary of a vote matrix [n, m].

    Returns:
        Indexed by function: j, Polarity (the labels it gave), Coverage, Overlaps, Conflicts (shares of n).
    """
    from snorkel.labeling import LFAnalysis

    from include.labelling.votes import snorkel_functions

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Input has data type int64")  # snorkel's call of scipy, on each run
        return LFAnalysis(votes.astype(np.int64), snorkel_functions(functions)).lf_summary()


def with_golden(table: pd.DataFrame, votes: np.ndarray, golden: np.ndarray) -> pd.DataFrame:
    """Add figures from golden labels: Golden (votes on golden posts), Precision and its 95 % interval.

    Args:
        table: as ``summary`` returns it.
        votes: votes on the posts with golden labels, [g, m].
        golden: their labels, [g].
    """
    cast = (votes != ABSTAIN).sum(axis=0)
    right = (votes == golden[:, None]).sum(axis=0)
    bounds = [wilson(int(hits), int(n)) for hits, n in zip(right, cast, strict=True)]
    precision = [hits / n if n else math.nan for hits, n in zip(right, cast, strict=True)]
    low, high = zip(*bounds, strict=True)
    return table.assign(Golden=cast, Precision=precision, Low=low, High=high)


def as_text(table: pd.DataFrame) -> str:
    """The table for a log, all rows, three decimals."""
    return table.to_string(float_format=lambda value: f"{value:.3f}", na_rep="")


def rows(
    table: pd.DataFrame,
    weights: Sequence[float | None] | None,
    functions: Sequence[LabellingFunction] = LABELLING_FUNCTIONS,
) -> list[dict[str, Any]]:
    """The table as the rows of ``labelling_report``."""
    learned = weights or [None] * len(functions)
    return [
        {
            "j": int(line["j"]),
            "function": function.name,
            "polarity": str([int(label) for label in line["Polarity"]]),
            "coverage": float(line["Coverage"]),
            "overlaps": float(line["Overlaps"]),
            "conflicts": float(line["Conflicts"]),
            "weight": weight,
            "details": {"concept": function.concept, "about": function.about, "broad": function.broad}
            | _golden_details(line),
        }
        for function, weight, (_, line) in zip(functions, learned, table.iterrows(), strict=True)
    ]


def _golden_details(line: pd.Series) -> dict[str, Any]:
    if not line.get("Golden"):
        return {}
    interval = [float(line["Low"]), float(line["High"])]
    return {"golden": int(line["Golden"]), "precision": float(line["Precision"]), "interval": interval}


def store(
    connection: psycopg.Connection, version: int, report: Sequence[dict[str, Any]], choice: ChosenLabeller
) -> None:
    """Replace the version's rows and its choice, in the caller's transaction."""
    connection.execute("DELETE FROM labelling_report WHERE version = %s", [version])
    with connection.cursor() as cursor:
        cursor.executemany(
            """INSERT INTO labelling_report
                   (version, j, function, polarity, coverage, "overlaps", conflicts, weight, details)
               VALUES (%(version)s, %(j)s, %(function)s, %(polarity)s, %(coverage)s, %(overlaps)s,
                       %(conflicts)s, %(weight)s, %(details)s)""",
            [row | {"version": version, "details": Jsonb(row["details"])} for row in report],
        )
    connection.execute(
        """INSERT INTO labelling_choice (version, method, reason, scores) VALUES (%s, %s, %s, %s)
           ON CONFLICT (version) DO UPDATE SET method = EXCLUDED.method, reason = EXCLUDED.reason,
               scores = EXCLUDED.scores, created_at = now()""",
        [version, choice.labeller.name, choice.reason, Jsonb(choice.scores)],
    )
