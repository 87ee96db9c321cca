"""What Spark alone makes of a topic: read, parse, score; and the original's design beside it.

Each competitor reads the topic from its start to its end into a sink that drops everything, but for
the original's design, which appends to Postgres over JDBC as the original did.
"""

from __future__ import annotations

import dataclasses
import json
import pickle
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, cast

from include.infra.kafka.connection import spark_options
from include.infra.postgres.connection import jdbc_url
from include.settings import Settings
from include.streaming.engine.messages import MESSAGE_COLUMNS
from include.streaming.engine.spark.query import CONSUMER
from include.streaming.registry import workload_named
from include.streaming.scorer_choices import TfServing
from include.streaming.workload import Workload

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

WORDS = 30_000
"""Entries of the stand-in for the original's pickled tokenizer."""


def session(settings: Settings) -> SparkSession:
    """A session as the application's own, on two cores."""
    from pyspark.sql import SparkSession

    from include.infra.spark.jars import spark_jars
    from include.infra.spark.session import make_session

    SparkSession.builder.master(settings.spark_master).config(
        map={
            "spark.jars": ",".join(map(str, spark_jars(settings))),
            "spark.driver.memory": settings.spark_driver_memory,
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.log.level": "ERROR",
        }
    ).getOrCreate()
    return make_session("bench", settings)


def messages(spark: SparkSession, settings: Settings, topic: str, limit: int) -> DataFrame:
    """The first ``limit`` messages of a topic, evenly of its four partitions, as the application reads."""
    options = _first(settings, topic, limit) | CONSUMER
    frame = spark.read.format("kafka").options(**options).load().select(*MESSAGE_COLUMNS)
    return frame.coalesce(spark.sparkContext.defaultParallelism)


def _first(settings: Settings, topic: str, limit: int) -> dict[str, str]:
    return {
        **spark_options(settings),
        "subscribe": topic,
        "startingOffsets": "earliest",
        "endingOffsets": json.dumps({topic: {str(number): limit // 4 for number in range(4)}}),
    }


def drop(frame: DataFrame) -> None:
    frame.write.format("noop").mode("overwrite").save()


def rate(run: Callable[[], object], count: int, repeats: int = 3) -> dict[str, Any]:
    """Messages per second, the median of ``repeats`` runs after one that warms up."""
    run()
    rates = []
    for _ in range(repeats):
        began = time.monotonic()
        run()
        rates.append(count / (time.monotonic() - began))
    return {"messages": count, "per_second": median(rates), "runs": rates}


def parse_only(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """For ``mapInArrow``: messages in, the number of posts out."""
    import pyarrow as pa

    from include.workloads.ai_tweets.decoder import decode

    for batch in batches:
        found = decode(batch.column("value"))
        yield pa.record_batch({"posts": pa.array([len(found.rows)], pa.int64())})


def scored(
    settings: Settings, scorer: str, workload: Workload | None = None
) -> Callable[..., Iterator[pa.RecordBatch]]:
    """For ``mapInArrow``: messages in, classified posts dropped, their number out.

    Args:
        scorer: its name among those of the workload, by default ``ai_tweets``.
    """
    declared = workload or workload_named("ai_tweets", settings)

    def task(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        from include.streaming.engine.task import process
        from include.streaming.scorers.factory import scorers_of
        from include.streaming.scorers.plan import ScorerPlan, values_of
        from include.streaming.sinks.base import Receipt

        plan = ScorerPlan({scorer: 1.0}, {scorer: values_of(declared.scorers[scorer], settings)})
        scorers = scorers_of(declared, plan, settings)
        for batch in batches:
            results, _ = process(batch, declared, scorers, Receipt(0))
            yield pa.record_batch({"posts": pa.array([results.num_rows], pa.int64())})

    return task


def one_by_one(settings: Settings) -> Callable[..., Iterator[pa.RecordBatch]]:
    """The same with a request per post over a kept connection: nothing but the batching differs."""
    workload = workload_named("ai_tweets", settings)
    batched = cast(TfServing, workload.scorers["tf_serving"])
    single = dataclasses.replace(batched, batch=1, in_flight=1)
    return scored(settings, "one_by_one", dataclasses.replace(workload, scorers={"one_by_one": single}))


def write_tokenizer(path: Path) -> None:
    """A pickled word index, as the original loads one."""
    path.write_bytes(pickle.dumps({f"word{number}": number for number in range(WORDS)}))


def original(frame: DataFrame, settings: Settings, tokenizer: Path) -> None:
    """The original's design: JSON fields by Spark; in a plain UDF and for each row the tokenizer loaded
    again, the text tokenised and one request sent over a new connection; JDBC append.

    Our model takes texts, so the words' numbers are made and left unused.
    """
    from pyspark.sql import functions as F
    from pyspark.sql.types import FloatType

    url = f"{settings.model_url}/v1/models/{settings.model_name}:predict"

    def predict(text: str) -> float:
        import httpx

        with tokenizer.open("rb") as file:
            index = pickle.load(file)
        [index.get(word, 0) for word in text.lower().split()]
        answer = httpx.post(url, json={"instances": [text]}, timeout=30, trust_env=False).json()
        return float(answer["predictions"][0]["ai_prob"])

    value = F.col("value").cast("string")
    text = F.coalesce(F.get_json_object(value, "$.data.text"), F.get_json_object(value, "$.text"))
    rows = frame.select(text.alias("text")).where("text IS NOT NULL")
    rows.withColumn("ai_prob", F.udf(predict, FloatType())("text")).write.jdbc(
        jdbc_url(settings),
        "original_design",
        "append",
        {
            "user": settings.database_user,
            "password": settings.database_password.get_secret_value(),
            "driver": "org.postgresql.Driver",
        },
    )
