"""The rows of a training: how many there are of each part, and which they are. Needs Spark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.errors import UserError
from include.workloads.spark_ml.base.row import LABEL

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

FEWEST_ROWS = 200


class TooFewRows(UserError):
    """A file of so few rows, or of one class, that nothing can be said of what is learned from it."""


def count_parts(learned: DataFrame, held_out: DataFrame) -> dict[str, int]:
    """Rows of each part by its name.

    Raises:
        TooFewRows: see there.
    """
    found = {}
    for name, part in (("learned", learned), ("held_out", held_out)):
        by_label = {row[LABEL]: row["count"] for row in part.groupBy(LABEL).count().collect()}
        if len(by_label) < 2 or sum(by_label.values()) < FEWEST_ROWS // (5 if name == "held_out" else 1):
            raise TooFewRows(
                f"{sum(by_label.values())} rows of {len(by_label)} classes are {name.replace('_', ' ')}: give"
                f" a file with both classes and some {2 * FEWEST_ROWS} rows or more"
            )
        found[name] = sum(by_label.values())
    return found


def rows_hash(rows: DataFrame) -> str:
    """A hash of the rows, whatever their order: 16 hexadecimal digits."""
    from pyspark.sql import functions as F

    row = rows.select(F.bit_xor(F.xxhash64(*rows.columns)).alias("hash")).first()
    assert row is not None
    return f"{row['hash'] & (2**64 - 1):016x}"
