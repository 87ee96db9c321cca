"""The workload of a Spark ML pipeline: rows as JSON in, a class and its probability out, into many sinks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.settings import Settings
from include.streaming.workload import Limits, Transform, Trigger, Workload
from include.workloads.spark_ml.base.settings import SparkMlSettings, spark_ml_settings
from include.workloads.spark_ml.demo import demo
from include.workloads.spark_ml.feed.programs import PRODUCERS
from include.workloads.spark_ml.results import RESULTS
from include.workloads.spark_ml.samples import samples
from include.workloads.spark_ml.stream.sinks import sinks

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def topics(settings: Settings) -> tuple[str, ...]:
    return (spark_ml_settings().topic,)


def transform(messages: DataFrame, settings: Settings) -> DataFrame:
    from include.workloads.spark_ml.stream.transform import transform

    return transform(messages, settings)


def ready(settings: Settings) -> str | None:
    from include.workloads.spark_ml.stream.transform import ready

    return ready(settings)


WORKLOAD = Workload(
    "spark_ml",
    topics=topics,
    transform=Transform(transform, reported="reported", ready=ready),
    results=RESULTS,
    sinks=sinks,
    trigger=Trigger("500 milliseconds", max_messages=200_000),
    limits=Limits(no_progress_seconds=60.0),
    producers=PRODUCERS,
    samples=samples,
    demo=demo,
    settings=SparkMlSettings,
)
