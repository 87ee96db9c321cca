"""spark_ml: the stream into parquet and into Postgres, each beside Kafka read into nothing, in one run.

All read the same topic from its start. The stream is the application itself, with the pipeline in Spark's
JVM, dead letters and commits; it is measured from its first commit, of a batch that warms it up, to its last.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from pyarrow import dataset

from include.settings import Settings
from include.workloads.spark_ml.base.settings import spark_ml_settings
from include.workloads.spark_ml.sample_model import put_into_service
from include.workloads.spark_ml.samples import row
from include.workloads.spark_ml.stream.sinks import folder as files_folder
from tools.bench import messages, read_paths
from tools.bench.servers import drop_database, fresh_database, servers
from tools.bench.stream import application, ask, await_all, thirds
from tools.bench.suite import say

SINKS = ("parquet", "postgres")
DISTINCT = 20_000
"""Different rows; a topic repeats them."""
LONG, SHORT = 5_000_000, 600_000
"""Messages in the topic: three minutes' at 27,000 a second, and batches of the stream's own size."""
FIRST_SECONDS = 600.0
"""Until the first batch, a large one, is committed."""
WANTED = 1_000_000 / 60
"""A million messages a minute, as messages a second."""
SINKS_VARIABLE = "TWEETSIEVE_SPARK_ML_SINKS"

_COMMITS = """
SELECT extract(epoch FROM committed_at)::float8, posts + dead_letters AS messages, posts FROM stream_commit
WHERE batch_id >= 0 ORDER BY id
"""


def run(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, Any]]:
    """All measurements, one after the other on the same servers."""
    count = SHORT if options.short else LONG
    values = [row(number) for number in range(DISTINCT)]
    yield "bytes", sum(map(len, values)) / len(values)
    with servers(folder) as settings:
        say("training a small pipeline")
        _apart(put_into_service, 1, settings)
        topic = spark_ml_settings().topic
        say(f"filling a topic with {count:,} rows")
        messages.fill(settings, topic, values, count)
        repeats = []
        for number in range(1, options.repeats + 1):
            say(f"round {number} of {options.repeats}: Kafka into nothing")
            found: dict[str, Any] = {"noop": _apart(read_into_nothing, settings, topic, count)}
            for sink in SINKS:
                say(f"round {number} of {options.repeats}: the stream into {sink}")
                found[sink] = streamed(settings, sink, count, number)
            repeats.append(found)
            yield "rounds", repeats


def _apart(function: Any, *arguments: Any) -> Any:
    """In a process of its own, so that no session of Spark stays in this one."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def read_into_nothing(settings: Settings, topic: str, count: int) -> dict[str, Any]:
    """Kafka's messages into a sink that drops them: after a run that warms up."""
    spark = read_paths.session(settings)
    frame = read_paths.messages(spark, settings, topic, count)
    return read_paths.rate(lambda: read_paths.drop(frame), count, 1)


def streamed(settings: Settings, sink: str, count: int, number: int) -> dict[str, Any]:
    """One run of the application into a database and a folder of its own.

    Raises:
        RuntimeError: rows and commits tell of different numbers.
    """
    own = fresh_database(settings, f"bench_spark_ml_{sink}_{number}").model_copy(
        update={
            "state_dir": settings.state_dir / f"spark_ml_{sink}_{number}",
            "model_store": settings.models_dir,
        }
    )
    os.environ[SINKS_VARIABLE] = sink
    try:
        with application(own, workload="spark_ml") as child:
            await_all(own, child, count, FIRST_SECONDS)
        commits = ask(own, _COMMITS)
        if sink == "parquet":
            rows = dataset.dataset(files_folder("parquet", own), format="parquet").count_rows()
        else:
            rows = ask(own, "SELECT count(*) FROM spark_ml")[0][0]
    finally:
        os.environ.pop(SINKS_VARIABLE)
        drop_database(settings, own)
    if rows != sum(posts for *_, posts in commits) or sum(done for _, done, _ in commits) != count:
        raise RuntimeError(f"{rows} rows in {sink}, but the commits tell of another number of {count}")
    began, ended = commits[0][0], commits[-1][0]
    done = [(at, messages_) for at, messages_, _ in commits[1:]]
    measured = sum(messages_ for _, messages_ in done)
    return {
        "messages": measured, "seconds": ended - began, "per_second": measured / (ended - began),
        "rows": rows, "thirds": thirds(done, began, ended),
    }  # fmt: skip


def table(found: dict[str, Any]) -> str:
    """Markdown of all that was measured."""
    lines = [
        f"Messages are JSON of {found['bytes']:.0f} bytes with 28 features, 1 in 1,000 malformed; Kafka,"
        " Spark local[2] and Postgres share two cores. A million a minute are 16,667 a second.",
        "",
        "| round | Kafka into nothing, messages/s | into | messages/s | a million a minute × | seconds | its"
        " slowest third |",
        "|---:|---:|---|---:|---:|---:|---:|",
    ]
    for number, one in enumerate(found.get("rounds", []), 1):
        for sink in SINKS:
            if sink in one:
                stream = one[sink]
                lines.append(
                    f"| {number} | {one['noop']['per_second']:,.0f} | {sink} | {stream['per_second']:,.0f} | "
                    f"{stream['per_second'] / WANTED:.2f} | {stream['seconds']:.0f} | "
                    f"{min(stream['thirds']):,.0f} |"
                )
    return "\n".join([*lines, ""])
