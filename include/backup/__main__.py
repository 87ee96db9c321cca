"""``make backup`` and ``make restore``: ``python -m include.backup create | restore <backup> | list``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from include.backup.create import back_up
from include.backup.folder import complete_backups, named_backup
from include.backup.manifest import read_manifest
from include.backup.restore import restore
from include.console.arguments import CommandParser
from include.console.command import command
from include.settings import Settings, get_settings


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; code 2 where a person has to fix something, 1 where the database does not answer."""
    arguments = _parser().parse_args(argv)
    arguments.run(arguments, get_settings())
    return 0


def _create(arguments: argparse.Namespace, settings: Settings) -> None:
    back_up(settings, print)


def _restore(arguments: argparse.Namespace, settings: Settings) -> None:
    restore(named_backup(settings.backups_dir, arguments.backup), settings, print)


def _list(arguments: argparse.Namespace, settings: Settings) -> None:
    for folder in complete_backups(settings.backups_dir):
        manifest = read_manifest(folder)
        size = sum(file.bytes for file in manifest.files)
        print(f"{folder.name}  {size / 10**6:10.1f} MB  schema revision {manifest.revision}  {folder}")


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser("include.backup", "Backups of the stack.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, text in (
        ("create", _create, "back up the running stack"),
        ("restore", _restore, "restore a backup into an empty state folder"),
        ("list", _list, "show the complete backups, the oldest first"),
    ):
        one = commands.add_parser(name, help=text, description=text, prog=f"{parser.prog} {name}")
        one.set_defaults(run=run)
        if name == "restore":
            one.add_argument("backup", help="its name in the folder of backups, or its path")
    return parser


if __name__ == "__main__":
    sys.exit(main())
