"""From a message's JSON to the declared schema, and why a message can't be read. Needs Spark."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

from include.workloads.spark_ml.base.row import EVENT_ID, FEATURES, MESSAGE_SCHEMA, STATUS, STATUS_FORM

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

FAILED, REPORTED = "failed", "reported"
_CORRUPT = "_corrupt"


def read(messages: DataFrame, ok_statuses: Sequence[str]) -> DataFrame:
    """Messages with the columns of the declared schema, and FAILED and REPORTED.

    Of a message that can't be read FAILED says why, and its features are 0. REPORTED is a status that is none
    of ``ok_statuses``: also of a message that can't be read, as a source that met an error may have nothing
    else to say.
    """
    from pyspark.sql import functions as F

    options = {"columnNameOfCorruptRecord": _CORRUPT}
    schema = f"{MESSAGE_SCHEMA}, {_CORRUPT} string"
    text, status = F.col("value").cast("string"), F.col(f"read.{STATUS}")
    zeros = F.from_json(F.lit(json.dumps(dict.fromkeys(FEATURES, 0))), schema, options)
    found = messages.withColumn("read", F.from_json(text, schema, options)).withColumn(FAILED, _why_not(text))
    safe = F.when(F.col(FAILED).isNull(), F.col("read")).otherwise(zeros)
    return found.withColumn("safe", safe).select(
        *messages.columns,
        FAILED,
        F.when(status.rlike(STATUS_FORM) & ~status.isin(*ok_statuses), status).alias(REPORTED),
        F.col(f"read.{EVENT_ID}").alias(EVENT_ID),
        status.alias(STATUS),
        *(F.col(f"safe.{name}").alias(name) for name in FEATURES),
    )


def _why_not(text: Column) -> Column:
    """Why a message can't be read, null where it can.

    Which feature it is, is only looked for where one is wrong, and by few expressions: Java does not compile
    the code that Spark makes of many.
    """
    from pyspark.sql import functions as F

    total = reduce(add, (F.col(f"read.{name}") for name in FEATURES))  # null or not finite where one is
    status = F.col(f"read.{STATUS}")
    return (
        F.when(F.coalesce(F.length(text), F.lit(0)) == 0, F.lit("empty"))
        .when(~text.rlike(r"^\s*\{"), F.lit("no JSON object"))
        .when(F.col(f"read.{_CORRUPT}").isNotNull(), F.lit("no JSON of the declared schema"))
        .when(F.col(f"read.{EVENT_ID}").isNull(), F.lit(f"{EVENT_ID} is missing"))
        .when(status.isNull(), F.lit(f"{STATUS} is missing"))
        .when(~status.rlike(STATUS_FORM), F.lit(f"{STATUS} is no plain word of up to 64 characters"))
        .when(~_is_finite(total), _fault())
    )


def _fault() -> Column:
    """The first feature that is missing or not finite; null where there is none."""
    from pyspark.sql import functions as F

    values = F.array(*(F.col(f"read.{name}") for name in FEATURES))
    place = F.array_position(F.transform(values, _is_finite), False)
    name = F.get(F.array(*map(F.lit, FEATURES)), (place - 1).cast("int"))
    missing = F.get(values, (place - 1).cast("int")).isNull()
    return F.concat(name, F.when(missing, F.lit(" is missing")).otherwise(F.lit(" is not finite")))


def _is_finite(value: Column) -> Column:
    from pyspark.sql import functions as F

    return F.coalesce(F.abs(value) < F.lit(float("inf")), F.lit(False))  # NaN is above all numbers
