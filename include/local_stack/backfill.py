"""``airflow backfill create`` by dataset version: ``make backfill DAG=... VERSIONS=0-2``."""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from include.console.arguments import CommandParser, json_object, one_of
from include.console.command import command
from include.errors import UserError
from include.schema.dataset_version import VersionError, date_of_version, parse_version

DAGS = Path(__file__).resolve().parent.parent.parent / "dags"
INPUTS = ("path", "golden", "dump")
"""Params of files that a run reads."""

MOST_VERSIONS = 1_000
"""Each is a run of its own, one at a time: more is a slip of the hand."""

_RAISED = re.compile(r"(?:\w+\.)*(\w+): (.+)")
"""The end of a stack trace: unlike the rest of it, at the margin."""


class BackfillRefused(UserError):
    """Airflow did not take the backfill."""


def versions(text: str) -> tuple[int, int]:
    """The first and the last version of ``FIRST-LAST``, or one version twice.

    >>> versions("0-2"), versions("7")
    ((0, 2), (7, 7))
    """
    first, dash, last = text.partition("-")
    try:
        ends = parse_version(first), parse_version(last if dash else first)
    except VersionError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither FIRST-LAST, such as 0-2, nor one version: {error}"
        ) from None
    if ends[0] > ends[1]:
        raise argparse.ArgumentTypeError(f"{text!r} runs backwards: give {ends[1]}-{ends[0]}")
    if ends[1] - ends[0] >= MOST_VERSIONS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is more than {MOST_VERSIONS:,} versions: give fewer at a time"
        )
    return ends


def dag_ids() -> list[str]:
    """The DAGs of versions: a file's name is its DAG's."""
    return sorted(path.stem for path in DAGS.glob("*.py") if "with versioned_dag(" in path.read_text("utf-8"))


def param_names(dag_id: str) -> set[str] | None:
    """The names of a DAG's Params beside ``version``, read from its file: Airflow takes long for that.

    None where the file does not spell them out.
    """
    names: set[str] = set()
    for node in ast.walk(ast.parse((DAGS / f"{dag_id}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "versioned_dag":
            for given in (one.value for one in node.keywords if one.arg == "params"):
                keys = [getattr(key, "value", None) for key in getattr(given, "keys", [None])]
                if not all(isinstance(key, str) for key in keys):
                    return None
                names.update(map(str, keys))
    return names


def check_conf(dag_id: str, conf: dict[str, Any]) -> None:
    """Refuse what the DAG has no Param for; the values are checked by Airflow.

    Raises:
        BackfillRefused: naming the Param, and those there are.
    """
    known = param_names(dag_id)
    if "version" in conf:
        raise BackfillRefused("CONF names a version: which versions run is said by VERSIONS= (--versions)")
    if known is not None and (unknown := sorted(conf.keys() - known)):
        there = f"it has {', '.join(sorted(known))}" if known else "it has none"
        raise BackfillRefused(f"CONF names {', '.join(unknown)}, which is no Param of {dag_id}: {there}")


def backfill_arguments(dag_id: str, first: int, last: int, conf: dict[str, Any] | None) -> list[str]:
    """The arguments of ``airflow`` for a range of versions.

    >>> backfill_arguments("collect_tweets", 0, 2, None)[4:8]
    ['--from-date', '2000-01-01', '--to-date', '2000-01-03']
    """
    dates = [date_of_version(end).date().isoformat() for end in (first, last)]
    arguments = ["backfill", "create", "--dag-id", dag_id, "--from-date", dates[0], "--to-date", dates[1]]
    arguments += ["--reprocess-behavior", "completed"]  # reruns are idempotent: none is left out
    return arguments + (["--dag-run-conf", json.dumps(conf)] if conf else [])


def paths_in(conf: dict[str, Any]) -> list[str]:
    """The paths of this machine that a conf names in full: who types them here may read them.

    >>> paths_in({"path": "/data/posts.jsonl", "golden": "labels.csv", "posts": 3, "folder": "/data"})
    ['/data/posts.jsonl']
    """
    return [text for name in INPUTS if isinstance(text := conf.get(name), str) and text.startswith("/")]


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The arguments, checked as far as they can be without Airflow."""
    by_make = {"--dag": "DAG", "--versions": "VERSIONS", "--conf": "CONF"}
    parser = CommandParser("include.local_stack.backfill", __doc__ or "", by_make)
    add = parser.add_argument
    add("--dag", type=one_of(*dag_ids()), required=True, help="DAG=: which DAG to run")
    add("--versions", type=versions, required=True, help="VERSIONS=: FIRST-LAST, or one version")
    add("--conf", type=json_object, help="CONF=: the runs' conf, Params by name, as JSON")
    options = parser.parse_args(argv)
    check_conf(options.dag, options.conf or {})
    return options


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Hand the range to Airflow's own command, whose complaint is one line here."""
    options = parse(argv)
    from include.console.progress import step
    from include.infra.input_files.allowed import hand_in
    from include.infra.processes import supervisor
    from include.local_stack.airflow.server import url
    from include.local_stack.environment import environment
    from include.settings import get_settings

    settings = get_settings()
    if not supervisor.states(settings):
        raise BackfillRefused("the local stack is down: start it with 'make up', then run this again")
    hand_in(settings, *paths_in(options.conf or {}))
    first, last = options.versions
    arguments = backfill_arguments(options.dag, first, last, options.conf)
    with step("creating the backfill", settings.state_dir):
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *arguments],
            env=os.environ | environment(settings), capture_output=True, text=True,
        )  # fmt: skip
    if done.returncode:
        said = done.stderr if "Traceback" in done.stderr else done.stdout or done.stderr
        raise BackfillRefused(f"Airflow did not take the backfill of {options.dag}: {complaint(said)}")
    runs = f"{last - first + 1} run{'s' if last > first else ''} of {options.dag}, versions {first} to {last}"
    print(f"{runs}: follow them at {url(settings)}/dags/{options.dag}/backfills")
    return 0


def complaint(text: str) -> str:
    """What a program said last: the error of its stack trace, which may go on below it, or its last line.

    >>> complaint("Traceback (most recent):\\n  ...\\na.Refused: posts: -1\\n\\nOn instance:\\n  -1")
    'Refused: posts: -1'
    >>> complaint("usage: airflow ...\\nairflow: error: no such DAG\\n")
    'airflow: error: no such DAG'
    """
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    raised = [found for line in lines if (found := _RAISED.match(line))] if "Traceback" in text else []
    if raised:
        return f"{raised[-1][1]}: {raised[-1][2]}"
    return lines[-1].strip() if lines else "it gave no reason"


if __name__ == "__main__":
    sys.exit(main())
