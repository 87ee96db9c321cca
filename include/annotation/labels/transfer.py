"""Golden labels into the database and out of it, as files; and undoing an import.

``python -m include.annotation.labels.transfer import FILE --version N [--partial]``, ``… export FILE``,
``… imports`` and ``… undo ID``.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg

from include.annotation.labels.import_batches import operator, past_imports, undo_import
from include.annotation.labels.importing import Upload, import_labels
from include.console.arguments import CommandParser, whole_number
from include.console.command import command, show
from include.datasets.golden_file_writer import write_labels
from include.infra.input_files.argument import existing_file
from include.infra.postgres.connection import connect
from include.schema.dataset_version import version_argument
from include.schema.revision import require_current_schema
from include.settings import Settings, get_settings
from include.task_log import log_result
from include.tombstones.table import MARKER


def import_file(path: str | os.PathLike[str] | None, version: int | str, by: str | None = None) -> int:
    """The DAG's task: import a file, if one is named; how many labels were new.

    Args:
        by: who started the run; None where Airflow does not know: then it is the operator.
    """
    if path is None:
        log_result("no file of golden labels was given")
        return 0
    report = import_labels(path, version, upload=Upload.of_operator(path, get_settings(), by))
    log_result(str(report))
    return report.added


def export_labels(path: str | Path, settings: Settings | None = None) -> int:
    """Write every standing label, one row per text and annotator, in a fixed order; how many there were.

    Labels of forgotten posts are left out: they have no text any more.

    Raises:
        LabelFileError: an unknown suffix.
    """
    with connect(settings) as connection:
        require_current_schema(connection)
        return write_labels(Path(path), _standing(connection))


def _standing(connection: psycopg.Connection) -> Iterator[tuple[str, int, str, str, bool]]:
    with connection.cursor(name="standing_labels") as cursor:
        cursor.execute(
            """SELECT g.post_id, g.label, g.text, g.annotator,
                      EXISTS (SELECT FROM standing_event e
                              WHERE e.text_hash = g.text_hash AND e.annotator = g.annotator
                                AND e.label IS NOT NULL AND e.shown @> '{"hard": true}')
               FROM golden_label g WHERE g.text <> %s ORDER BY g.text_hash, g.annotator""",
            [MARKER],
        )
        yield from cursor


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command and its arguments."""
    parser = CommandParser("include.annotation.labels.transfer", __doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    take = commands.add_parser(
        "import", help="import golden labels from a file", prog=f"{parser.prog} import"
    )
    take.add_argument("file", type=existing_file, help="JSONL, CSV or parquet")
    take.add_argument(
        "--version", type=version_argument, required=True, help="dataset version whose posts the ids are of"
    )
    take.add_argument("--annotator", default="import", help="name for rows that have none")
    take.add_argument("--partial", action="store_true", help="import the good rows even if others are bad")
    give = commands.add_parser(
        "export", help="write all standing labels to a file", prog=f"{parser.prog} export"
    )
    give.add_argument("file", help="JSONL, CSV or parquet; replaced where it is there")
    commands.add_parser("imports", help="list all imports, the latest first", prog=f"{parser.prog} imports")
    back = commands.add_parser("undo", help="take back every label of one import", prog=f"{parser.prog} undo")
    back.add_argument("id", type=whole_number(1), help="the import's id, as 'imports' lists it")
    return parser.parse_args(arguments)


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = parse(arguments)
    if options.command == "import":
        report = import_labels(
            options.file, options.version, annotator=options.annotator, partial=options.partial
        )
        show(str(report))
    elif options.command == "export":
        show(f"{export_labels(options.file)} labels written to {options.file}")
    else:
        with connect() as connection:
            require_current_schema(connection)
            show(_undone(connection, options.id) if options.command == "undo" else _listed(connection))
    return 0


def _undone(connection: psycopg.Connection, import_id: int) -> str:
    count = undo_import(connection, import_id, operator(get_settings()))
    return (
        f"import {import_id}: {count} labels taken back" if count else f"import {import_id} is undone already"
    )


def _listed(connection: psycopg.Connection) -> str:
    return "\n".join(str(one) for one in past_imports(connection)) or "no import has added labels"


if __name__ == "__main__":
    sys.exit(main())
