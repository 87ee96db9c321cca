"""``make keep-house``: ``python -m include.housekeeping [--dry-run | --sizes]``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from include.console.arguments import CommandParser
from include.console.command import command
from include.housekeeping.inventory import inventory
from include.housekeeping.keep_house import remove_old, report, require_success
from include.settings import Settings, get_settings


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Delete what is older than its limit; code 2 where that could not be done, 1 for an outage."""
    parser = CommandParser("include.housekeeping", "Delete what is older than its limit.")
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--dry-run", action="store_true", help="count it, delete nothing")
    chosen.add_argument("--sizes", action="store_true", help="show how much there is, and its limits")
    arguments, settings = parser.parse_args(argv), get_settings()
    if arguments.sizes:
        _show_sizes(settings)
        return 0
    done = remove_old(settings, dry_run=arguments.dry_run)
    print(report(done, dry_run=arguments.dry_run))
    require_success(done)
    return 0


def _show_sizes(settings: Settings) -> None:
    for one in inventory(settings):
        count = "?" if one.count is None else f"{one.count:,}"
        size = "?" if one.bytes is None else f"{one.bytes / 10**6:,.1f}"
        print(
            f"{one.name:34} {count:>12} {size:>10} MB  {one.problem or one.limit:>10}  {one.setting}".rstrip()
        )


if __name__ == "__main__":
    sys.exit(main())
