"""Higgs: the stream end to end beside its model alone, in pairs, at the same batch size in the same run.

The model alone is what the stream's tasks call, a batch of features to checked columns, in as many bare
processes as there are cores. The stream is the application itself: Kafka, decoding, model, parquet files,
commits. Weights are random: they cost what trained ones cost.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
from pyarrow import dataset

from include.settings import Settings
from include.streaming.scorers.factory import kept_scorer
from include.streaming.sink_choices import ToFiles
from include.streaming.sinks.factory import files_folder
from include.workloads.higgs.decoding.decoder import decode
from include.workloads.higgs.sample_model import put_into_service
from include.workloads.higgs.samples import event
from include.workloads.higgs.workload import BATCH, WORKLOAD, model_name, topics
from tools.bench import messages
from tools.bench.servers import drop_database, fresh_database, servers
from tools.bench.stream import application, ask, await_all
from tools.bench.suite import say

CORES = 2
DISTINCT = 20_000
"""Different events; a topic repeats them."""
ALONE_SECONDS, SHORT_SECONDS = 20.0, 8.0
FIRST_SECONDS = 600.0
"""Until the first batch, a large one, is committed."""
LONG, SHORT = 2_000_000, 800_000
"""Messages in the topic: batches of the stream's own size, the first of which warms it up."""

_COMMITS = """
SELECT extract(epoch FROM committed_at)::float8, posts, dead_letters, counts FROM stream_commit
WHERE batch_id >= 0 ORDER BY id
"""


def run(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, Any]]:
    """All measurements, one after the other on the same servers."""
    count, seconds = (SHORT, SHORT_SECONDS) if options.short else (LONG, ALONE_SECONDS)
    values = [event(number) for number in range(DISTINCT)]
    yield "bytes", sum(map(len, values)) / len(values)
    with servers(folder) as settings:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            pool.submit(put_into_service, 1, settings).result()
        say("decoding alone, in one process")
        yield "decode", {"per_second": decoding(values, seconds / 2)}
        say("one process of the model alone")
        yield "alone 1", {"per_second": alone(settings, 1, values[:BATCH], seconds)}
        say(f"filling a topic with {count:,} events")
        (topic,) = topics(settings)
        messages.fill(settings, topic, values, count)
        pairs = []
        for number in range(1, options.repeats + 1):
            say(f"pair {number} of {options.repeats}: the model alone, then the stream")
            before = alone(settings, CORES, values[:BATCH], seconds)
            found = streamed(settings, count, number)
            after = alone(settings, CORES, values[:BATCH], seconds)
            pairs.append(found | {"alone": (before + after) / 2})
            yield "pairs", pairs


def decoding(values: list[bytes], seconds: float) -> float:
    """Events per second of the decoder."""
    batch = pa.array(values[:8192], pa.binary())
    return _rate(lambda: decode(batch).inputs.num_rows, seconds)


def alone(settings: Settings, processes: int, values: list[bytes], seconds: float) -> float:
    """Events per second of the model in so many processes at once."""
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_score, [settings] * processes, [values] * processes, [0.5] * processes))  # loads it
        return sum(pool.map(_score, [settings] * processes, [values] * processes, [seconds] * processes))


def _score(settings: Settings, values: list[bytes], seconds: float) -> float:
    scorer = kept_scorer(WORKLOAD, "saved_model", {"model": model_name(settings)}, settings)
    inputs = decode(pa.array(values, pa.binary())).inputs
    scorer.score(inputs)
    return _rate(lambda: len(scorer.score(inputs)), seconds)


def _rate(step: Callable[[], int], seconds: float) -> float:
    step()
    began, done = time.perf_counter(), 0
    while (passed := time.perf_counter() - began) < seconds:
        done += step()
    return done / passed


def streamed(settings: Settings, count: int, number: int) -> dict[str, Any]:
    """One run of the application into a database and a folder of its own, measured after its first batch.

    Raises:
        RuntimeError: files and commits tell of different numbers.
    """
    own = fresh_database(settings, f"bench_higgs_{number}").model_copy(
        update={
            "state_dir": settings.state_dir / f"higgs_{number}",
            "serving_root": settings.serving_dir,
            "model_store": settings.models_dir,
        }
    )
    try:
        with application(own, "--scorer", "saved_model", workload="higgs") as child:
            await_all(own, child, count, FIRST_SECONDS)
        commits = ask(own, _COMMITS)
        (sink,) = WORKLOAD.sinks_of(own)
        assert isinstance(sink, ToFiles)
        rows = dataset.dataset(files_folder(WORKLOAD, sink, own), format="parquet").count_rows()
    finally:
        drop_database(settings, own)
    dead = sum(commit[2] for commit in commits)
    if rows + dead != count or rows != sum(commit[1] for commit in commits):
        raise RuntimeError(f"{rows} rows in files and {dead} dead letters of {count} messages")
    measured = sum(posts + letters for _, posts, letters, _ in commits[1:])
    seconds = commits[-1][0] - commits[0][0]
    scoring = sum(counts["score_seconds"] for *_, counts in commits[1:])
    return {
        "messages": measured, "seconds": seconds, "per_second": measured / seconds, "rows": rows,
        "dead_letters": dead, "scoring_core_seconds": scoring,
    }  # fmt: skip


def table(found: dict[str, Any]) -> str:
    """Markdown of all that was measured."""
    lines = [
        f"Messages are JSON of {found['bytes']:.0f} bytes, 1 in 1,000 malformed. The model has 1,018,002 "
        f"parameters (2 MFLOP an event) and takes {BATCH:,} events a call, one thread in {CORES} "
        f"processes; Kafka, Spark local[{CORES}], Postgres and the model share {CORES} cores. Decoding alone,"
        f" one process: {found['decode']['per_second']:,.0f} events a second; the model alone, one process: "
        f"{found['alone 1']['per_second']:,.0f}.",
        "",
        f"| pair | the model alone, {CORES} processes, events/s | the stream end to end, events/s | share |"
        " of both cores' time, scoring |",
        "|---:|---:|---:|---:|---:|",
    ]
    pairs = found.get("pairs", [])
    for number, pair in enumerate(pairs, 1):
        lines.append(
            f"| {number} | {pair['alone']:,.0f} | {pair['per_second']:,.0f} | "
            f"{pair['per_second'] / pair['alone']:.2f} | "
            f"{pair['scoring_core_seconds'] / pair['seconds'] / CORES:.2f} |"
        )
    if pairs:
        rates = [pair["per_second"] for pair in pairs]
        shares = [pair["per_second"] / pair["alone"] for pair in pairs]
        said = f"{median(rates):,.0f} events a second end to end, {median(shares):.2f} of the model alone"
        lines += ["", f"Median: {said}."]
    return "\n".join([*lines, ""])
