"""The CSV file to learn from, by Spark: it has the declared columns, and values that these can have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.errors import UserError
from include.infra.input_files.location import shown
from include.workloads.spark_ml.base.row import LABEL, TRAINING_COLUMNS
from include.workloads.spark_ml.data.lines import first_difference

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession
    from pyspark.sql.types import StructType

NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double")
"""Types that Spark infers of columns that a double holds."""
_CORRUPT = "_corrupt"


class OtherSchema(UserError):
    """A file that has other columns or values than the declared ones."""


def read_training(spark: SparkSession, path: str) -> DataFrame:
    """The rows of a CSV file with a header, each column a double; the file is read three times.

    Args:
        path: of one file, as Spark reads it: on a disk that all its processes share, or ``s3a://``.

    Raises:
        OtherSchema: it can't be read, is empty, or differs from the declared schema; names the first line
            that does, and how.
    """
    from pyspark.errors import AnalysisException

    try:
        inferred = spark.read.csv(path, header=True, inferSchema=True)
    except AnalysisException as problem:
        raise OtherSchema(f"{shown(path)} can't be read: {_first_line(problem)}") from None
    if not inferred.columns:
        raise OtherSchema(f"{shown(path)} is empty: its first line has to be {','.join(TRAINING_COLUMNS)}")
    if tuple(inferred.columns) != TRAINING_COLUMNS:
        raise _difference(spark, path)
    if inferred.isEmpty():
        raise OtherSchema(f"{shown(path)} has a header and no rows")
    if not _numbers(inferred.schema):
        raise _difference(spark, path)
    declared = ", ".join(f"{name} double" for name in TRAINING_COLUMNS)
    rows = spark.read.csv(
        path, header=True, schema=f"{declared}, {_CORRUPT} string", columnNameOfCorruptRecord=_CORRUPT,
        enforceSchema=False,
    )  # fmt: skip
    if rows.where(_is_wrong()).limit(1).count():
        raise _difference(spark, path)
    return rows.select(*TRAINING_COLUMNS)


def _numbers(schema: StructType) -> bool:
    return all(field.dataType.simpleString() in NUMBERS for field in schema)


def _is_wrong() -> Column:
    """A row with too few or too many values, or with one that is no finite number, or a label but 0 and 1."""
    from pyspark.sql import functions as F

    wrong = F.col(_CORRUPT).isNotNull() | ~F.col(LABEL).isin(0.0, 1.0)
    for name in TRAINING_COLUMNS:
        column = F.col(name)
        wrong |= column.isNull() | F.isnan(column) | (F.abs(column) == float("inf"))
    return wrong


def _difference(spark: SparkSession, path: str) -> OtherSchema:
    """What is wrong, by the first line where something is."""
    numbered = spark.sparkContext.textFile(path).zipWithIndex()
    found = numbered.map(lambda pair: first_difference(pair[1] + 1, pair[0])).filter(bool).take(1)
    why = found[0] if found else "Spark reads it otherwise than line by line: give a value no line break"
    return OtherSchema(f"{shown(path)} has another schema than the declared one: {why}")


def _first_line(problem: Exception) -> str:
    return str(problem).strip().partition("\n")[0][:300]
