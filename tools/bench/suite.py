"""The parts of a run, one after the other on the same servers."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from include.console.progress import Steps
from include.settings import Settings
from tools.bench import datasets, messages, model, read_paths, requests
from tools.bench.latency import latency
from tools.bench.servers import drop_database, fresh_database, model_server, servers
from tools.bench.stream import Sustained, sustained, wait_for_model

TOPIC = "bench"
WARM = 1_000_000
"""Messages that the stream works off before it is measured, or a fifth of them where that is less."""

STEPS = Steps(Path(".tweetsieve/bench"))
say = STEPS.say


def run(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, Any]]:
    """Run the chosen parts; (name, result) of each as it is done."""
    values = None
    most = max(options.messages, options.sustained if "stream" in options.parts else 0)
    with servers(folder) as settings:
        if set(options.parts) != {"datasets"}:
            _deploy(settings, options.model, folder)
            values = messages.posts(settings)
            say(f"filling a topic with {most:,} posts")
            messages.fill(settings, TOPIC, values, most)
            yield "bytes", sum(map(len, values)) / len(values)
        if {"reads", "original"} & set(options.parts):
            with model_server(settings):
                wait_for_model(settings)
                yield from _reads(options, settings, folder)
        if "requests" in options.parts:
            say("requests of several sizes")
            with model_server(settings):
                wait_for_model(settings)
                yield "requests", requests.by_size(settings, values or [])
        if "stream" in options.parts:
            yield from _stream(options, settings)
        if "latency" in options.parts:
            yield "latency", _latency(options, settings, values or [])
        if "datasets" in options.parts:
            own = fresh_database(settings, "bench_datasets")
            for version, rows in enumerate(options.rows):
                say(f"a dataset version of {rows:,} posts")
                yield f"dataset {rows}", datasets.build(own, version, rows)


def _deploy(settings: Settings, wanted: str, folder: Path) -> None:
    chosen = folder / "model" if wanted in ("trained", "reference") else Path(wanted)
    if wanted == "trained":
        say("training a model")
        model.train(settings, chosen)
    elif wanted == "reference":
        model.write_reference(chosen)
    model.serve(settings, chosen)


def _reads(options: argparse.Namespace, settings: Settings, folder: Path) -> Iterator[tuple[str, Any]]:
    spark = read_paths.session(settings)
    try:
        whole = read_paths.messages(spark, settings, TOPIC, options.messages)
        few = read_paths.messages(spark, settings, TOPIC, options.single)
        tasks = {
            "noop": (whole, options.messages, None),
            "parse": (whole, options.messages, read_paths.parse_only),
            "score saved_model": (whole, options.messages, read_paths.scored(settings, "saved_model")),
            "score tf_serving": (whole, options.messages, read_paths.scored(settings, "tf_serving")),
            "score one by one": (few, options.single, read_paths.one_by_one(settings)),
        }
        for name, (frame, count, task) in tasks.items() if "reads" in options.parts else ():
            say(f"Kafka to noop: {name}")
            chosen = frame.mapInArrow(task, "posts long") if task else frame
            yield name, read_paths.rate(partial(read_paths.drop, chosen), count, options.repeats)
        if "original" in options.parts:
            say("the original's design")
            tokenizer = folder / "tokenizer.pickle"
            read_paths.write_tokenizer(tokenizer)
            frame = read_paths.messages(spark, settings, TOPIC, options.original)
            yield (
                "original",
                read_paths.rate(
                    lambda: read_paths.original(frame, settings, tokenizer), options.original, options.repeats
                ),
            )
    finally:
        spark.stop()


def _stream(options: argparse.Namespace, settings: Settings) -> Iterator[tuple[str, Any]]:
    for scorer, count in (("tf_serving", options.served), ("saved_model", options.sustained)):
        runs = []
        with model_server(settings) if scorer == "tf_serving" else nullcontext():
            for number in range(1, options.repeats + 1):
                say(f"end to end with {scorer}: {count:,} posts, run {number} of {options.repeats}")
                runs.append(_sustained(settings, scorer, count, f"{scorer}_{number}"))
        runs.sort(key=lambda run: run.per_second)
        middle = runs[len(runs) // 2]
        rates = {"per_second": middle.per_second, "runs": [run.per_second for run in runs]}
        yield f"stream {scorer}", asdict(middle) | rates


def _sustained(settings: Settings, scorer: str, count: int, name: str) -> Sustained:
    """One run into a database of its own, which is gone at the end: it holds gigabytes."""
    own = fresh_database(settings, f"bench_{name}").model_copy(
        update={
            "state_dir": settings.state_dir / name,
            "serving_root": settings.serving_dir,
            "model_store": settings.models_dir,
        }
    )
    try:
        return sustained(own, scorer, count, warm=min(count // 5, WARM))
    finally:
        drop_database(settings, own)


def _latency(options: argparse.Namespace, settings: Settings, values: list[bytes]) -> dict[str, Any]:
    found = {}
    for scorer in ("saved_model", "tf_serving"):
        say(f"latency at {options.rate} posts a second with {scorer}")
        topic = f"latency_{scorer}"
        own = fresh_database(settings, f"bench_{topic}")
        own = own.model_copy(
            update={
                "state_dir": settings.state_dir / topic,
                "serving_root": settings.serving_dir,
                "model_store": settings.models_dir,
                "ai_topic": topic,
                "mix_topic": topic,
            }
        )
        messages.fill(settings, topic, values, 0)
        with model_server(settings) if scorer == "tf_serving" else nullcontext():
            found[scorer] = latency(
                own, scorer, values, rate=options.rate, seconds=options.seconds, warm=options.seconds / 4
            )
    return found
