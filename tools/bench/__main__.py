"""The benchmark suite: every competitor in one run, on one topic, on servers of its own.

    make bench                                    # everything
    make bench ARGS='--short'                     # smaller numbers
    make bench ARGS='--parts reads stream --model reference'

Prints a table; writes ``bench.json`` and ``bench.png`` into ``--out``.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from tools.bench import suite
from tools.bench.environment import describe
from tools.bench.report import plot, table

PARTS = ("reads", "requests", "original", "stream", "latency", "datasets")


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("--parts", nargs="+", choices=PARTS, default=PARTS, help="which parts to run")
    add(
        "--model",
        default="trained",
        help="trained (by the project, now), reference, or a SavedModel's folder",
    )
    add("--messages", type=int, default=1_000_000, help="in the topic that is read again and again")
    add(
        "--sustained",
        type=int,
        default=13_000_000,
        help="messages through the saved_model scorer to Postgres",
    )
    add("--served", type=int, default=4_000_000, help="messages through the tf_serving scorer to Postgres")
    add("--single", type=int, default=8_000, help="messages where there is a request for each")
    add("--original", type=int, default=800, help="messages through the original's design")
    add("--seconds", type=float, default=60, help="of the latency measurement, at --rate messages a second")
    add("--rate", type=int, default=1_000)
    add("--rows", type=int, nargs="+", default=[100_000, 1_000_000, 5_000_000], help="of dataset versions")
    add("--repeats", type=int, default=3, help="runs that the median is taken of")
    add("--short", action="store_true", help="small numbers for all of these")
    add(
        "--out",
        type=Path,
        default=Path(".tweetsieve/bench"),
        help="folder of bench.json and bench.png",
    )
    add("--add", action="store_true", help="keep what bench.json holds of other parts")
    add("--docs", type=Path, help="write the table and the plot into this folder, as benchmark.md and .png")
    options = parser.parse_args(argv)
    if options.short:
        options.messages, options.sustained, options.served = 200_000, 1_000_000, 400_000
        options.single, options.original, options.seconds, options.rows = 2_000, 200, 20, [10_000, 100_000]
    return options


def main(argv: list[str] | None = None) -> int:
    options = parse_arguments(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that no server outlives the run
    file = options.out / "bench.json"
    for folder in filter(None, (options.out, options.docs)):
        folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = json.loads(file.read_text()) if options.add and file.exists() else {}
    with tempfile.TemporaryDirectory(prefix="tweetsieve-bench-") as place:
        for name, result in suite.run(options, Path(place)):
            found |= {name: result, "environment": describe(options)}
            file.write_text(json.dumps(found, indent=1))
    print(table(found))
    plot(found, options.out / "bench.png")
    if options.docs:
        (options.docs / "benchmark.md").write_text(table(found, document=True))
        plot(found, options.docs / "benchmark.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
