"""A workload on the embedded stack, driven through Airflow's REST API: ``make demo``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import httpx

from include.errors import USER_ERROR_EXIT_CODE, UserError
from include.local_stack.demo import main_job, other_workloads
from include.settings import Settings, get_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo of a workload; 0 only when every step of it happened."""
    options = _parser().parse_args(arguments)
    try:
        _run(options, get_settings())
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return USER_ERROR_EXIT_CODE
    except (TimeoutError, httpx.HTTPError, RuntimeError) as error:
        print(f"error: the demo stopped: {error}", file=sys.stderr)
        return 1
    return 0


def _run(options: argparse.Namespace, settings: Settings) -> None:
    """The arguments are checked before anything is started."""
    if options.workload == main_job.WORKLOAD:
        main_job.run(main_job.MainJob.of(options), settings)
        return
    given = [name for name in ("source", "dump", "version", "golden", "posts") if getattr(options, name)]
    if given:
        raise UserError(
            f"{', '.join(name.upper() for name in given)}: only for WORKLOAD={main_job.WORKLOAD}; "
            f"the demo of {options.workload} takes none of these"
        )
    other_workloads.run(options.workload, settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__.splitlines()[0])
    parser.add_argument("--workload", default=main_job.WORKLOAD, help="WORKLOAD=: ai_tweets by default")
    parser.add_argument("--source", choices=["synthetic", "dump"], help="SOURCE=: synthetic by default")
    parser.add_argument("--dump", help="DUMP=: file or folder of posts, for SOURCE=dump")
    parser.add_argument("--version", help="VERSION=: the dataset version, an integer >= 0; 0 by default")
    parser.add_argument("--golden", help="GOLDEN=: JSONL of id_str and label, people's labels")
    parser.add_argument("--posts", type=int, help="POSTS=: how many posts to keep")
    return parser


if __name__ == "__main__":
    sys.exit(main())
