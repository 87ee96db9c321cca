"""``make rotate``: ``python -m include.local_stack.rotation [--now]``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from include.console.arguments import CommandParser
from include.console.command import command
from include.console.progress import step
from include.settings import get_settings


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Change every secret; code 2 where a person has to do something first, 1 for an outage."""
    parser = CommandParser(
        "include.local_stack.rotation",
        "New secrets in place of those that the stack has: database passwords, Airflow's keys and its admin's"
        " password, and the cluster's token. A running stack's streams, pages and Airflow start again.",
    )
    parser.add_argument(
        "--now", action="store_true", help="although tasks are running: Airflow tries those again"
    )
    arguments, settings = parser.parse_args(argv), get_settings()
    from include.local_stack.rotation.rotate import rotate

    with step("changing the secrets", settings.state_dir):
        rotate(settings, print, now=arguments.now)
    return 0


if __name__ == "__main__":
    sys.exit(main())
