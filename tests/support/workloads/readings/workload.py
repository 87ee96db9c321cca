"""A transform by Spark ML: readings of three axes in, their direction (a unit vector) and length out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from pydantic_settings import BaseSettings, SettingsConfigDict

from include.settings import Settings
from include.streaming.results import ARRIVED_AT, MODEL_VERSION, POSITION, Results
from include.streaming.sink_choices import ToFiles, ToJdbc
from include.streaming.workload import Transform, Workload

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

AXES = ("x", "y", "z")


class ReadingsSettings(BaseSettings):
    """Read from ``TWEETSIEVE_READINGS_<FIELD>``."""

    model_config = SettingsConfigDict(env_prefix="TWEETSIEVE_READINGS_")

    topic: str = "readings_in"
    url: str = ""


def topics(settings: Settings) -> tuple[str, ...]:
    return (ReadingsSettings().topic,)


def normalise(messages: DataFrame, settings: Settings) -> DataFrame:
    """JSON such as ``{"x": 1, "y": 2, "z": 2}``, as a vector of length 1, and the length it had."""
    from pyspark.ml import PipelineModel
    from pyspark.ml.feature import Normalizer, VectorAssembler
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions as F

    numbers = F.from_json(F.col("value").cast("string"), ", ".join(f"{axis} double" for axis in AXES))
    missing = F.greatest(*(F.col(f"read.{axis}").isNull() for axis in AXES))
    read = messages.withColumn("read", numbers).withColumn(
        "failed", F.when(missing, F.lit("not three numbers"))
    )
    filled = read.select(
        *messages.columns, "failed", *(F.coalesce(f"read.{axis}", F.lit(0.0)).alias(axis) for axis in AXES)
    )
    pipeline = PipelineModel(
        [
            VectorAssembler(inputCols=list(AXES), outputCol="vector"),
            Normalizer(inputCol="vector", outputCol="unit"),
        ]
    )
    return (
        pipeline.transform(filled)
        .withColumn("direction", vector_to_array(F.col("unit")))
        .withColumn("length", F.sqrt(sum((F.col(axis) ** 2 for axis in AXES), F.lit(0.0))))
        .withColumn(MODEL_VERSION, F.lit("l2"))
        .drop("vector", "unit")
    )


SCHEMA = pa.schema(
    [
        *POSITION,
        pa.field("direction", pa.list_(pa.float64())),
        pa.field("length", pa.float64()),
        pa.field(MODEL_VERSION, pa.string()),
        ARRIVED_AT,
    ]
)

WORKLOAD = Workload(
    "readings",
    topics=topics,
    transform=Transform(normalise),
    results=Results(SCHEMA, "readings"),
    sinks=(ToFiles(), ToJdbc(lambda settings: ReadingsSettings().url)),
    settings=ReadingsSettings,
)
