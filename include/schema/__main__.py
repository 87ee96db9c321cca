"""The shared tables' revision: ``python -m include.schema upgrade``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from include.console.arguments import CommandParser
from include.console.command import command
from include.infra.postgres.connection import connect
from include.schema.revision import latest_revision, present_revision

NOT_CURRENT_EXIT_CODE = 3


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Run one command on the database that the settings name; code 1 where it does not answer."""
    return parse(argv).run()


def _upgrade() -> int:
    from include.schema.upgrade import upgrade_schema

    applied = upgrade_schema()
    print(f"applied: {', '.join(applied)}" if applied else f"already at revision {latest_revision()}")
    return 0


def _current() -> int:
    with connect() as connection:
        present = present_revision(connection)
    print(f"the database is at revision {present or 'none'}, this release needs {latest_revision()}")
    return 0 if present == latest_revision() else NOT_CURRENT_EXIT_CODE


def _history() -> int:
    from include.schema.upgrade import history

    for number, description in history():
        print(f"{number}  {description}")
    return 0


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command; ``run`` is its function."""
    parser = CommandParser("include.schema", "The shared tables' schema.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, help_text in (
        ("upgrade", _upgrade, "apply the revisions that the database does not have yet"),
        ("current", _current, "show the database's revision; code 3 where it is not this release's"),
        ("history", _history, "list this release's revisions; needs no database"),
    ):
        one = commands.add_parser(name, help=help_text, description=help_text, prog=f"{parser.prog} {name}")
        one.set_defaults(run=run)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
