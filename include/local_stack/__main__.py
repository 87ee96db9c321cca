"""The embedded stack's command line: ``python -m include.local_stack up``."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Sequence

from include.errors import USER_ERROR_EXIT_CODE, UserError
from include.infra.errors import StackError
from include.settings import Settings, get_settings


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; code 2 and one clear message where a person has to fix something."""
    arguments = _parser().parse_args(argv)
    try:
        return arguments.run(arguments, get_settings())
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return USER_ERROR_EXIT_CODE
    except KeyboardInterrupt:
        print("stopped waiting; what was started keeps running: see 'make status'", file=sys.stderr)
        return 130


def _up(arguments: argparse.Namespace, settings: Settings) -> int:
    from include.local_stack import stack
    from include.local_stack.addresses import where_to_look

    stack.up(settings)
    print("\nthe local stack is up", *where_to_look(settings), sep="\n")
    return 0


def _down(arguments: argparse.Namespace, settings: Settings) -> int:
    from include.local_stack import stack

    stack.down(settings)
    return 0


def _status(arguments: argparse.Namespace, settings: Settings) -> int:
    """Exit code 0 where every program that ``up`` starts is ready, else 3."""
    from include.infra.disk import disk_lines
    from include.local_stack import stack
    from include.local_stack.addresses import where_to_look

    lines = stack.status(settings)
    if not lines:
        print("the local stack is down: start it with 'make up'", *disk_lines(settings), sep="\n")
        return 3
    for line in lines:
        readiness = "ready" if line.ready else "-"
        ports = " ".join(map(str, line.ports))
        print(f"{line.name:24} {line.state:9} {readiness:6} {ports:12} {line.description}")
    print("", *disk_lines(settings), *where_to_look(settings), sep="\n")
    return 0 if all(line.ready for line in lines if line.autostart) else 3


def _logs(arguments: argparse.Namespace, settings: Settings) -> int:
    """Hand over to ``tail``, which follows rotated files as well."""
    present = {path.stem: path for path in sorted(settings.logs_dir.glob("*.log"))}
    logs = [path for name, path in present.items() if arguments.name in (None, name)]
    if not logs:
        names = ", ".join(present) or "none yet"
        wanted = arguments.name or "any program"
        raise StackError(f"no log of {wanted} in {settings.logs_dir}; there are: {names}")
    follow = ["-F"] if arguments.follow else []
    return subprocess.call(["tail", "-n", str(arguments.lines), *follow, *map(str, logs)])


def _setup(arguments: argparse.Namespace, settings: Settings) -> int:
    from include.infra.spark.jars import resolve_all

    resolve_all(settings)
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m include.local_stack", description="The embedded stack.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, help_text in (
        ("setup", _setup, "resolve the jars of Spark's connector and of the Kafka broker"),
        ("up", _up, "start what does not run yet and wait until it is ready"),
        ("down", _down, "stop everything; data are kept"),
        ("status", _status, "show every program; code 3 where one is not ready"),
        ("logs", _logs, "show the end of the logs"),
        ("airflow", _airflow, "Airflow's own command line on this stack: airflow dags test DAG --conf ..."),
        ("clean", _clean, "stop everything and delete the state folder"),
    ):
        command = commands.add_parser(name, help=help_text, description=help_text)
        command.set_defaults(run=run)
        if name == "clean":
            command.add_argument("--yes", action="store_true", help="delete people's labels as well")
        if name == "airflow":
            command.add_argument("arguments", nargs=argparse.REMAINDER, help="as after `airflow`")
        if name == "logs":
            command.add_argument("name", nargs="?", help="a program's name as in status; all by default")
            command.add_argument("-f", "--follow", action="store_true", help="follow the log as it grows")
            command.add_argument("-n", "--lines", type=int, default=100, help="how many lines (100)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
