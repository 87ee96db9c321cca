"""``airflow backfill create`` by dataset version: ``make backfill DAG=... VERSIONS=0-2``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence

from include.errors import USER_ERROR_EXIT_CODE, UserError
from include.schema.dataset_version import date_of_version, parse_version
from include.settings import get_settings


def backfill_arguments(dag_id: str, versions: str, conf: str | None) -> list[str]:
    """The arguments of ``airflow`` for a range of versions, ``FIRST-LAST`` or one alone.

    >>> backfill_arguments("collect_tweets", "0-2", None)[4:8]
    ['--from-date', '2000-01-01', '--to-date', '2000-01-03']
    """
    first, _, last = versions.partition("-")
    dates = [date_of_version(parse_version(end)).date().isoformat() for end in (first, last or first)]
    arguments = ["backfill", "create", "--dag-id", dag_id, "--from-date", dates[0], "--to-date", dates[1]]
    arguments += ["--reprocess-behavior", "completed"]  # reruns are idempotent: none is left out
    return arguments + (["--dag-run-conf", conf] if conf else [])


def main(argv: Sequence[str] | None = None) -> int:
    """Hand the range to Airflow's own command."""
    from include.local_stack.environment import environment

    parser = argparse.ArgumentParser(prog="make backfill", description=__doc__)
    parser.add_argument("--dag", required=True, help="DAG=: which DAG to run")
    parser.add_argument("--versions", required=True, help="VERSIONS=: FIRST-LAST, or one version")
    parser.add_argument("--conf", help="CONF=: the runs' conf as JSON")
    options = parser.parse_args(argv)
    try:
        arguments = backfill_arguments(options.dag, options.versions, options.conf)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return USER_ERROR_EXIT_CODE
    command = [sys.executable, "-m", "airflow", *arguments]
    return subprocess.run(command, env=os.environ | environment(get_settings()), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
