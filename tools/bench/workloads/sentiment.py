"""Sentiment: a call per row, batches over HTTP, and the model inside the process, on one topic in one run.

The model's own limit is that of two bare processes that score the same texts; Kafka's is the topic read and
dropped. Reading, decoding and scoring are the application's own code in all but the first competitor: that is
the published system's design, a plain UDF with one request over a new connection for each row.
"""

from __future__ import annotations

import argparse
import dataclasses
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, get_args

from include.infra.processes.ports import free_ports
from include.infra.processes.service import running
from include.local_stack.streams import beside_stream
from include.settings import Settings
from include.workloads.sentiment.base.settings import Version, sentiment_settings
from include.workloads.sentiment.models.versions import model, version_name
from include.workloads.sentiment.samples import message, text
from include.workloads.sentiment.workload import WORKLOAD, served, service
from tools.bench import messages, read_paths
from tools.bench.servers import servers
from tools.bench.suite import say

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

TOPIC = "bench_sentiment"
CORES = 2
VERSIONS: tuple[Version, ...] = get_args(Version)
LONG, SHORT = {"messages": 100_000, "single": 4_000}, {"messages": 20_000, "single": 1_000}


def run(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, Any]]:
    """All measurements, one after the other on the same servers."""
    counts = SHORT if options.short else LONG
    texts = [text(number) for number in range(counts["messages"])]
    os.environ |= {
        "TWEETSIEVE_SENTIMENT_PROCESSES": str(CORES),
        **dict(zip(("TWEETSIEVE_SENTIMENT_A_PORT", "TWEETSIEVE_SENTIMENT_B_PORT"),
                   map(str, free_ports(2)), strict=True)),
    }  # fmt: skip
    sentiment_settings.cache_clear()
    yield "characters", sum(map(len, texts)) / len(texts)
    for version in VERSIONS:
        say(f"{version_name(version)} alone, in {CORES} processes")
        yield f"model {version}", alone(version, texts, options.repeats)
    with servers(folder) as settings, ExitStack() as stack:
        messages.fill(settings, TOPIC, [message(number) for number in range(len(texts))], len(texts))
        for version in VERSIONS:
            stack.enter_context(running(beside_stream(settings, service(version)), settings.logs_dir))
        spark = read_paths.session(settings)
        stack.callback(spark.stop)
        yield from _reads(spark, settings, counts, options.repeats)


def alone(version: Version, texts: list[str], repeats: int) -> dict[str, Any]:
    """Texts per second of the bare model in as many processes as there are cores."""
    shares = [texts[start::CORES] for start in range(CORES)]
    with ProcessPoolExecutor(CORES, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_score, [version] * CORES, [share[:100] for share in shares]))  # loads it
        rates = []
        for _ in range(repeats):
            began = time.monotonic()
            list(pool.map(_score, [version] * CORES, shares))
            rates.append(len(texts) / (time.monotonic() - began))
    return {"messages": len(texts), "per_second": median(rates), "runs": rates}


def _score(version: Version, texts: list[str]) -> int:
    score = model(version)
    return len([score(one) for one in texts])


def _reads(
    spark: SparkSession, settings: Settings, counts: dict[str, int], repeats: int
) -> Iterator[tuple[str, Any]]:
    whole, few = (
        read_paths.messages(spark, settings, TOPIC, counts[name]) for name in ("messages", "single")
    )
    say("Kafka alone")
    yield "noop", read_paths.rate(partial(read_paths.drop, whole), counts["messages"], repeats)
    for version in VERSIONS:
        name = version_name(version)
        say(f"{name}: a call per row")
        yield (
            f"per row {version}",
            read_paths.rate(
                partial(read_paths.drop, per_row(few, settings, version)), counts["single"], repeats
            ),
        )
        ours = partial(read_paths.scored, settings, workload=WORKLOAD)
        for kind, few_only, task in (
            ("kept connection", True, one_by_one(settings, version)),
            ("batched", False, ours(f"version_{version}")),
            ("in process", False, ours(f"in_process_{version}")),
        ):
            say(f"{name}: {kind}")
            chosen = (few if few_only else whole).mapInArrow(task, "posts long")
            count = counts["single" if few_only else "messages"]
            yield f"{kind} {version}", read_paths.rate(partial(read_paths.drop, chosen), count, repeats)


def per_row(frame: DataFrame, settings: Settings, version: Version) -> DataFrame:
    """The published system's design: JSON by Spark, and in a plain UDF a request for each row."""
    from pyspark.sql import functions as F
    from pyspark.sql.types import StringType

    url = f"{sentiment_settings().url(version, settings)}/predict"

    def predict(data: str) -> str:
        import requests

        return str(requests.post(url, json={"data": data}, timeout=30).json()["compound"])

    value = F.get_json_object(F.col("value").cast("string"), "$.data")
    return (
        frame.select(value.alias("data"))
        .where("data IS NOT NULL")
        .select(F.udf(predict, StringType())("data").alias("compound"))
    )


def one_by_one(settings: Settings, version: Version) -> Callable[..., Any]:
    """A request per row over a kept connection: nothing but the batching differs from the stream's own."""
    single = dataclasses.replace(served(version), batch=1, in_flight=1)
    changed = dataclasses.replace(WORKLOAD, scorers={"one": single}, route=None, evidence=None)
    return read_paths.scored(settings, "one", changed)


ROWS = (
    ("per row", "a call per row, each over a new connection, in a plain UDF (the published design)"),
    ("kept connection", "a call per row over a kept connection"),
    ("batched", "batches over HTTP"),
    ("in process", "in process"),
    ("model", "the model alone, in two bare processes"),
)


def table(found: dict[str, Any]) -> str:
    """Markdown of all that was measured."""
    names = [version_name(version) for version in VERSIONS]
    lines = [
        f"Messages are made-up texts of {found['characters']:.0f} characters on average. Kafka, Spark"
        f" local[2] and the services ({CORES} processes of each version) share {CORES} cores. Kafka alone,"
        f" read and dropped: {found['noop']['per_second']:,.0f} a second.",
        "", f"| messages per second | {names[0]} | {names[1]} |", "|---|---:|---:|",
    ]  # fmt: skip
    for name, label in ROWS:
        rates = [_rate(found, f"{name} {version}") for version in VERSIONS]
        if all(rates):
            lines.append(f"| {label} | {rates[0]:,.0f} | {rates[1]:,.0f} |")
    for above, below, label in (
        ("batched", "per row", "batches, as a multiple of a call per row"),
        ("batched", "kept connection", "batches, as a multiple of a call per row over a kept connection"),
        ("in process", "model", "in process, as a share of the model alone"),
    ):
        pairs = [(_rate(found, f"{above} {one}"), _rate(found, f"{below} {one}")) for one in VERSIONS]
        if all(map(all, pairs)):
            lines.append(f"| {label} | " + " | ".join(f"{top / low:.2f}" for top, low in pairs) + " |")
    return "\n".join([*lines, ""])


def _rate(found: dict[str, Any], name: str) -> float:
    return float(found.get(name, {}).get("per_second", 0.0))
