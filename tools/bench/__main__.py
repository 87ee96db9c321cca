"""The benchmark suite: every competitor in one run, on one topic, on servers of its own.

    make bench                                    # everything
    make bench ARGS='--short'                     # smaller numbers
    make bench ARGS='--parts reads stream --model reference'
    make bench ARGS='--workload higgs'        # another workload's own, in place of the main job's
    make bench ARGS='--workload sentiment'        # another workload's own, in place of the main job's

Prints a table; writes ``bench.json`` and ``bench.png`` into ``--out``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from include.console.arguments import CommandParser, finite_number, one_of, whole_number
from include.console.command import command

PARTS = ("reads", "requests", "original", "stream", "latency", "datasets")
WORKLOADS = ("ai_tweets", "higgs", "sentiment", "spark_ml")
"""The main job, whose parts are above, and those with a module of their own in tools/bench/workloads."""


LONG = {
    "messages": 1_000_000, "sustained": 13_000_000, "served": 4_000_000, "single": 8_000, "original": 800,
    "seconds": 60.0, "rows": [100_000, 1_000_000, 5_000_000],
}  # fmt: skip
SHORT = {
    "messages": 200_000, "sustained": 1_000_000, "served": 400_000, "single": 2_000, "original": 200,
    "seconds": 20.0, "rows": [10_000, 100_000],
}  # fmt: skip
"""Numbers that stand where none was given."""


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The options, with a number in each."""
    parser = CommandParser("tools.bench", __doc__)
    add, count = parser.add_argument, whole_number(1, 10**9)
    add("--workload", type=one_of(*WORKLOADS), default=WORKLOADS[0], help=f"one of: {' '.join(WORKLOADS)}")
    add("--parts", nargs="+", type=one_of(*PARTS), default=PARTS, help=f"only these, of: {' '.join(PARTS)}")
    add(
        "--model", type=_model, default="trained",
        help="trained (by the project, now), reference, or a SavedModel's folder",
    )  # fmt: skip
    add("--messages", type=count, help="in the topic that is read again and again")
    add("--sustained", type=count, help="messages through the saved_model scorer to Postgres")
    add("--served", type=count, help="messages through the tf_serving scorer to Postgres")
    add("--single", type=count, help="messages where there is a request for each")
    add("--original", type=count, help="messages through the original's design")
    add(
        "--seconds",
        type=finite_number(1, 86_400),
        help="of the latency measurement, at --rate messages a second",
    )
    add("--rate", type=count, default=1_000, help="1,000 by default")
    add("--rows", type=count, nargs="+", help="of dataset versions")
    add("--repeats", type=whole_number(1, 100), default=3, help="runs that the median is taken of")
    add("--short", action="store_true", help="small numbers where none are given")
    add("--out", type=Path, default=Path(".tweetsieve/bench"), help="folder of bench.json and bench.png")
    add("--add", action="store_true", help="keep what bench.json holds of other parts")
    add("--docs", type=Path, help="write the table and the plot into this folder, as benchmark.md and .png")
    options = parser.parse_args(argv)
    for name, default in (SHORT if options.short else LONG).items():
        if getattr(options, name) is None:
            setattr(options, name, default)
    return options


def _model(text: str) -> str:
    if text in ("trained", "reference"):
        return text
    if not Path(text, "saved_model.pb").is_file():
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither trained nor reference nor a SavedModel's folder"
        )
    return text


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Run the chosen parts and print the table."""
    options = parse(argv)
    if options.workload != WORKLOADS[0]:
        return _other(options)
    from tools.bench import suite
    from tools.bench.environment import describe
    from tools.bench.report import plot, table

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that no server outlives the run
    file = options.out / "bench.json"
    for folder in filter(None, (options.out, options.docs)):
        folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = json.loads(file.read_text()) if options.add and file.exists() else {}
    with suite.STEPS, tempfile.TemporaryDirectory(prefix="tweetsieve-bench-") as place:
        for name, result in suite.run(options, Path(place)):
            found |= {name: result, "environment": describe(options)}
            file.write_text(json.dumps(found, indent=1))
    print(table(found))
    plot(found, options.out / "bench.png")
    if options.docs:
        (options.docs / "benchmark.md").write_text(table(found, document=True))
        plot(found, options.docs / "benchmark.png")
    return 0


def _other(options: argparse.Namespace) -> int:
    """The benchmark of another workload: ``<out>/<workload>.json``, ``<docs>/benchmark_<workload>.md``."""
    from tools.bench.environment import describe
    from tools.bench.report import machine
    from tools.bench.suite import STEPS

    measured = importlib.import_module(f"tools.bench.workloads.{options.workload}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options.out.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {}
    with STEPS, tempfile.TemporaryDirectory(prefix="tweetsieve-bench-") as place:
        for name, result in measured.run(options, Path(place)):
            found |= {name: result, "environment": describe(options)}
            (options.out / f"{options.workload}.json").write_text(json.dumps(found, indent=1))
    text = f"{machine(found['environment'])}\n\n{measured.table(found)}"
    print(text)
    if options.docs:
        options.docs.mkdir(parents=True, exist_ok=True)
        by = f"`make bench ARGS='--workload {options.workload}'`"
        head = f"# Benchmark of {options.workload}\n\nWritten by {by}."
        (options.docs / f"benchmark_{options.workload}.md").write_text(f"{head}\n\n{text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
