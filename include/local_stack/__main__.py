"""The embedded stack's command line: ``python -m include.local_stack up``."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from include.console.arguments import CommandParser, plain_name, whole_number, yes_or_no
from include.console.command import INTERRUPTED_EXIT_CODE, command
from include.console.progress import say, step
from include.infra.errors import StackError

if TYPE_CHECKING:
    from include.settings import Settings

NOT_READY_EXIT_CODE = 3


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; code 2 and one clear message where a person has to fix something."""
    arguments = parse(argv)
    from include.settings import get_settings

    try:
        return arguments.run(arguments, get_settings())
    except KeyboardInterrupt:
        print("stopped waiting; what was started keeps running: see 'make status'", file=sys.stderr)
        return INTERRUPTED_EXIT_CODE


def _up(arguments: argparse.Namespace, settings: Settings) -> int:
    from include.local_stack import stack
    from include.local_stack.addresses import where_to_look

    with step("starting the local stack", settings.state_dir):
        stack.up(settings, say)
    print("\nthe local stack is up", *where_to_look(settings), sep="\n")
    return 0


def _down(arguments: argparse.Namespace, settings: Settings) -> int:
    from include.local_stack import stack

    with step("stopping the local stack", settings.state_dir):
        stack.down(settings, say)
    return 0


def _status(arguments: argparse.Namespace, settings: Settings) -> int:
    """Exit code 0 where every program that ``up`` starts is ready, else 3."""
    from include.infra.disk import disk_lines
    from include.local_stack import stack
    from include.local_stack.addresses import where_to_look

    lines = stack.status(settings)
    if not lines:
        print("the local stack is down: start it with 'make up'", *disk_lines(settings), sep="\n")
        return NOT_READY_EXIT_CODE
    for line in lines:
        readiness = "ready" if line.ready else "-"
        ports = " ".join(map(str, line.ports))
        print(f"{line.name:24} {line.state:9} {readiness:6} {ports:12} {line.description}")
    print("", *disk_lines(settings), *where_to_look(settings), sep="\n")
    missing = [line.name for line in lines if line.autostart and not line.ready]
    if missing:
        print(f"not ready: {', '.join(missing)}; see 'make logs NAME={missing[0]}', or run 'make up' again")
    return NOT_READY_EXIT_CODE if missing else 0


def _password(arguments: argparse.Namespace, settings: Settings) -> int:
    from include.local_stack.airflow.server import kept_password, passwords_file

    password = kept_password(settings)
    if password is None:
        raise StackError(f"there is no password yet: 'make up' makes one ({passwords_file(settings)})")
    print(password)
    return 0


def _logs(arguments: argparse.Namespace, settings: Settings) -> int:
    """An overview, or one program's; to follow is left to ``tail``, which follows rotated files as well."""
    from include.infra.processes import log_overview

    present = {path.stem: path for path in sorted(settings.logs_dir.glob("*.log"))}
    wanted = arguments.name
    chosen = [path for name, path in present.items() if wanted in (None, name)]
    if not chosen:
        names = ", ".join(present) or "none yet, 'make up' starts the programs"
        raise StackError(f"no log of {wanted or 'any program'} in {settings.logs_dir}; there are: {names}")
    if arguments.follow:
        count = ["-n", str(arguments.lines if wanted else 1)]
        return subprocess.call(["tail", *count, "-F", *map(str, chosen)])
    if wanted is None:
        print(f"{log_overview.overview(chosen)}\n")
        print(f"one program's: make logs NAME={chosen[0].stem}; all of it: {settings.logs_dir}")
        return 0
    print("\n".join(log_overview.tail(chosen[0])[-arguments.lines :]) or f"{wanted} has written nothing yet")
    return 0


def _setup(arguments: argparse.Namespace, settings: Settings) -> int:
    from include.infra.spark.class_archive import make_archive
    from include.infra.spark.jars import resolve_all

    resolve_all(settings)
    make_archive(settings)
    return 0


def _airflow(arguments: argparse.Namespace, settings: Settings) -> int:
    """Airflow's own command line, with this stack's settings."""
    from include.local_stack.airflow.testing_dags import left_alone, tested_dag
    from include.local_stack.environment import environment

    command = [sys.executable, "-m", "airflow", *arguments.arguments]
    dag_id = tested_dag(arguments.arguments)
    if dag_id is None:
        os.execve(sys.executable, command, os.environ | environment(settings))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the DAG does not stay paused
    with left_alone(dag_id, settings):
        return subprocess.call(command, env=os.environ | environment(settings))


def _clean(arguments: argparse.Namespace, settings: Settings) -> int:
    from include.local_stack import stack

    if not arguments.yes:
        raise StackError(
            f"this deletes {settings.state_dir} with people's labels, models and posts: confirm with "
            "'make clean-state CONFIRM=yes'"
        )
    stack.delete_state(settings)
    return 0


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The arguments; ``run`` among them is the command's function."""
    by_make = {"--yes": "CONFIRM", "--follow": "FOLLOW", "--name": "NAME"}
    parser = CommandParser("include.local_stack", "The embedded stack.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command_name, run, help_text in (
        (
            "setup",
            _setup,
            "resolve the jars of Spark's connector and of the Kafka broker, and prepare Spark's classes",
        ),
        ("up", _up, "start what does not run yet and wait until it is ready"),
        ("down", _down, "stop everything; data are kept"),
        ("status", _status, "show every program, and how to log in; code 3 where one is not ready"),
        ("password", _password, "print the password of Airflow's user admin"),
        ("logs", _logs, "show what is new in the logs, problems first; the end of one by --name"),
        ("airflow", _airflow, "Airflow's own command line on this stack: airflow dags test DAG --conf ..."),
        ("clean", _clean, "stop everything and delete the state folder"),
    ):
        one = commands.add_parser(
            command_name, help=help_text, description=help_text, by_make=by_make,
            prog=f"{parser.prog} {command_name}",
        )  # fmt: skip
        one.set_defaults(run=run)
        if command_name == "clean":
            one.add_argument(
                "--yes", type=yes_or_no, nargs="?", const=True, help="delete people's labels as well"
            )
        if command_name == "airflow":
            one.add_argument("arguments", nargs=argparse.REMAINDER, help="as after `airflow`")
        if command_name == "logs":
            _add_log_options(one)
    return parser.parse_args(argv)


def _add_log_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--name", type=plain_name, help="NAME=: a program's name as in status; all by default")
    add(
        "-f",
        "--follow",
        type=yes_or_no,
        nargs="?",
        const=True,
        help="FOLLOW=yes: as the log grows, until Ctrl-C",
    )
    add("-n", "--lines", type=whole_number(1, 10_000), default=40, help="how many lines of one (40)")


if __name__ == "__main__":
    sys.exit(main())
