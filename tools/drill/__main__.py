"""The fault drill: ``make drill``, or ``python -m tools.drill --short``.

Starts PostgreSQL, Kafka, a model server, the health monitor and the stream in a temporary folder, breaks
one thing after the other while messages pour in, and after each says where every position of the input
is. Exit code 0 only where each is in ``ai_tweets`` or ``dead_letter``, once, and every alert was told.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tools.drill import accounting, alerts, report
from tools.drill.faults import FAULTS, SHORT
from tools.drill.load import Load
from tools.drill.testbed import Late, Rig, described, rig

MESSAGES, SHORT_MESSAGES = 200_000, 15_000
"""Numbers sent under each fault, before duplicates."""

OUTAGE, SHORT_OUTAGE = 60.0, 8.0
"""Seconds that the model server is away, or answers wrongly."""

ERRORS, SHORT_ERRORS = 40, 20


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parse(arguments)
    names = options.faults or (list(SHORT) if options.short else list(FAULTS))
    with ExitStack() as stack:
        new = tempfile.TemporaryDirectory(prefix="tweetsieve-drill-")
        done = drill(options.state or Path(stack.enter_context(new)), names, options)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(done, indent=2) + "\n", encoding="utf-8")
    print(report.table(done))
    print(f"the same as JSON in {options.json}")
    return 0 if done["right"] else 1


def drill(folder: Path, names: Sequence[str], options: argparse.Namespace) -> dict[str, Any]:
    """Break one thing after the other; the whole report."""
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"[{time.monotonic() - began:5.0f} s] {text}", flush=True)

    with rig(folder / "state", say) as made:
        faults = [one(made, name, options.messages, options.outage, say) for name in names]
        told = alerts.measure(made, options.errors)
        made.until_done()
        last = accounting.take(made.settings, made.input.sent).as_json()
    right = last["right"] and all(fault["right"] for fault in faults) and told["told_more_than_once"] == 0
    seconds = round(time.monotonic() - began)
    sent = vars(made.input.sent)
    return {
        "machine": described(), "seconds": seconds, "input": sent, "faults": faults, "alerts": told,
        "account": last, "right": right,
    }  # fmt: skip


def one(made: Rig, name: str, messages: int, outage: float, say: Callable[[str], None]) -> dict[str, Any]:
    """One fault under load, and the account once everything sent is committed."""
    say(name)
    began = time.monotonic()
    load = Load(made, messages)
    load.start()
    problem, told = None, {}
    try:
        told = FAULTS[name](made, outage)
        load.join()
        made.until_done()
    except (Late, TimeoutError) as late:
        problem = str(late)
        say(problem)
    counts = accounting.take(made.settings, made.input.sent).as_json()
    result = {"fault": name, "seconds": round(time.monotonic() - began, 1), **told, **counts}
    result["right"] = counts["right"] and problem is None and load.problem is None
    if problem:
        result["problem"] = problem.splitlines()[0]
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make drill", description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="fewer messages, shorter outages, fewer faults")
    parser.add_argument("--faults", nargs="*", choices=list(FAULTS), help="only these")
    parser.add_argument("--messages", type=int, help=f"under each fault ({MESSAGES}; short {SHORT_MESSAGES})")
    parser.add_argument("--outage", type=float, help=f"seconds of an outage ({OUTAGE}; short {SHORT_OUTAGE})")
    parser.add_argument("--errors", type=int, help=f"errors of the source ({ERRORS}; short {SHORT_ERRORS})")
    parser.add_argument("--state", type=Path, help="a new folder, which is kept with its logs")
    parser.add_argument("--json", type=Path, default=Path(".tweetsieve/drill.json"), help="the report's file")
    return parser


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options; a figure that was not given is the long drill's, or the short one's."""
    options = _parser().parse_args(arguments)
    figures = {
        "messages": (MESSAGES, SHORT_MESSAGES),
        "outage": (OUTAGE, SHORT_OUTAGE),
        "errors": (ERRORS, SHORT_ERRORS),
    }
    for name, (long, short) in figures.items():
        if getattr(options, name) is None:
            setattr(options, name, short if options.short else long)
    return options


if __name__ == "__main__":
    sys.exit(main())
