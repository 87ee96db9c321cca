"""The fault drill: ``make drill``, or ``python -m tools.drill --short --workload ai_tweets``.

Starts PostgreSQL, Kafka, a model server, the health monitor and the workload's stream in a temporary folder,
breaks one thing after the other while messages pour in, and reports after each where every position of the
input is. Exit code 0 only where each is in the workload's table or in ``dead_letter``, once, and every alert
was sent.
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
from typing import TYPE_CHECKING, Any

from include.console.arguments import CommandParser, finite_number, plain_name, whole_number, yes_or_no
from include.console.command import command
from include.console.progress import Steps

if TYPE_CHECKING:
    from tools.drill.testbed.testbed import DrillTestbed

MESSAGES, SHORT_MESSAGES = 200_000, 15_000
"""Numbers sent under each fault, before duplicates."""

OUTAGE, SHORT_OUTAGE = 60.0, 8.0
"""Seconds that the model server is away, or answers wrongly."""

ERRORS, SHORT_ERRORS = 40, 20

Say = Callable[[str], None]


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the drill and write its report; 2 where the workload can't be drilled."""
    options = parse(arguments)
    from tools.drill import report

    if options.soak:
        return soak(options)
    with ExitStack() as stack:
        new = tempfile.TemporaryDirectory(prefix="tweetsieve-drill-")
        done = drill(options.state or Path(stack.enter_context(new)), options)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(done, indent=2) + "\n", encoding="utf-8")
    print(report.table(done))
    print(f"the same as JSON in {options.json}")
    return 0 if done["right"] else 1


def drill(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Break one thing after the other; the whole report.

    Raises:
        UserError: the workload can't be drilled, or a chosen fault can't happen to it; nothing is started.
    """
    from tools.drill import alerts
    from tools.drill.faults.choice import chosen_faults
    from tools.drill.machine import described
    from tools.drill.testbed.receiver import Receiver
    from tools.drill.testbed.servers import drill_settings, running_testbed
    from tools.drill.testbed.subject import subject_named

    began, receiver = time.monotonic(), Receiver()
    settings = drill_settings(folder / "state", receiver)
    subject = subject_named(options.workload, settings)
    names = chosen_faults(subject, options.faults, short=options.short)
    with (
        Steps(options.json.parent, sys.stdout) as steps,
        running_testbed(settings, subject, receiver, steps.say) as testbed,
    ):
        faults = [one(testbed, name, options.messages, options.outage, steps.say) for name in names]
        told = alerts.measure(testbed, options.errors) if subject.samples.source_error else None
        testbed.until_done()
        last = account(testbed)
    right = last["right"] and all(fault["right"] for fault in faults)
    right = right and (told is None or told["told_more_than_once"] == 0)
    seconds = round(time.monotonic() - began)
    return {
        "workload": options.workload, "machine": described(), "seconds": seconds,
        "input": vars(testbed.input.sent), "faults": faults, "alerts": told, "account": last, "right": right,
    }  # fmt: skip


def soak(options: argparse.Namespace) -> int:
    """Run at full rate, and look at what grows: 0 where nothing does, 1 where something does.

    Raises:
        UserError: the workload can't be drilled.
    """
    from tools.drill.machine import described
    from tools.drill.soak import run
    from tools.drill.testbed.receiver import Receiver
    from tools.drill.testbed.servers import drill_settings, running_testbed
    from tools.drill.testbed.subject import subject_named

    with ExitStack() as stack:
        new, receiver = tempfile.TemporaryDirectory(prefix="tweetsieve-soak-"), Receiver()
        folder = options.state or Path(stack.enter_context(new))
        settings = drill_settings(folder / "state", receiver)
        subject = subject_named(options.workload, settings)
        steps = stack.enter_context(Steps(options.json.parent, sys.stdout))
        testbed = stack.enter_context(running_testbed(settings, subject, receiver, steps.say))
        done = run.soak(testbed, options.soak, steps.say)
        done |= {"workload": options.workload, "machine": described(), "account": account(testbed)}
    target, picture = options.json.with_name("soak.json"), options.json.with_name("soak.png")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(done, indent=2) + "\n", encoding="utf-8")
    run.plot(done, picture)
    print(run.told(done))
    print(f"the same as JSON in {target}, as a picture in {picture}")
    return 0 if done["account"]["right"] and not done["growing"] else 1


def one(testbed: DrillTestbed, name: str, messages: int, outage: float, say: Say) -> dict[str, Any]:
    """One fault under load, and the account once everything sent is committed."""
    from tools.drill.faults.choice import FAULTS, WITH_OWN_LOAD
    from tools.drill.load import Load
    from tools.drill.testbed.testbed import TooLate

    say(name)
    began = time.monotonic()
    load = Load(testbed, 0 if name in WITH_OWN_LOAD else messages)
    load.start()
    problem, figures = None, {}
    try:
        figures = FAULTS[name](testbed, outage)
        load.join()
        testbed.until_done()
    except (TooLate, TimeoutError) as late:
        problem = str(late)
        say(problem)
    counts = account(testbed)
    result = {"fault": name, "seconds": round(time.monotonic() - began, 1), **figures, **counts}
    result["right"] = counts["right"] and problem is None and load.problem is None
    if problem:
        result["problem"] = problem.splitlines()[0]
    return result


def account(testbed: DrillTestbed) -> dict[str, Any]:
    """Where every position of the input is now."""
    from tools.drill import accounting

    subject = testbed.subject
    taken = accounting.take(testbed.settings, subject.workload, subject.samples.checks, testbed.input.sent)
    return taken.as_json()


def soak_minutes(text: str) -> float:
    """How long a soak is: 1 is an hour, as for other switches; other numbers are minutes; 0 is none.

    >>> soak_minutes("1"), soak_minutes("5"), soak_minutes("0")
    (60.0, 5.0, 0.0)
    """
    minutes = finite_number(0, 10_000)(text)
    return 60.0 if minutes == 1 else float(minutes)


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        "tools.drill", __doc__, {"--workload": "WORKLOAD", "--short": "SHORT", "--soak": "SOAK"}
    )
    add, count = parser.add_argument, whole_number(1, 10**9)
    add("--workload", type=plain_name, default="ai_tweets", help="WORKLOAD=: whose stream (ai_tweets)")
    add(
        "--short",
        type=yes_or_no,
        nargs="?",
        const=True,
        help="SHORT=1: fewer messages and faults, shorter outages",
    )
    add(
        "--soak",
        type=soak_minutes,
        help="SOAK=1: no faults, an hour at full rate: what grows; SOAK=minutes for other lengths",
    )
    add("--faults", nargs="+", help="only these; a name that is none gets the list of them")
    add("--messages", type=count, help=f"under each fault ({MESSAGES}; short {SHORT_MESSAGES})")
    add(
        "--outage",
        type=finite_number(0, 3600, above=True),
        help=f"its seconds ({OUTAGE}; short {SHORT_OUTAGE})",
    )
    add("--errors", type=count, help=f"errors of the source ({ERRORS}; short {SHORT_ERRORS})")
    add("--state", type=Path, help="a new folder, which is kept with its logs")
    add("--json", type=Path, default=Path(".tweetsieve/drill.json"), help="the report's file")
    return parser


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
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
