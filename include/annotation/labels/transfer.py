"""Import of golden labels, joined to a version's posts, and export of all standing labels.

``python -m include.annotation.labels.transfer import FILE --version N [--partial]`` and ``… export FILE``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from include.console.arguments import CommandParser
from include.console.command import command, show
from include.datasets.golden_file_writer import write_labels
from include.datasets.golden_files import LabelRow, read_labels
from include.errors import UserError
from include.infra.input_files.argument import existing_file
from include.infra.input_files.location import shown
from include.infra.input_files.problems import MOST_SHOWN, BadLine
from include.infra.postgres.connection import connect
from include.infra.postgres.copy_rows import copy_rows
from include.posts.text import text_hash
from include.schema.dataset_tables import VersionTables, table_exists
from include.schema.dataset_version import version_argument
from include.schema.revision import require_current_schema
from include.settings import Settings, get_settings
from include.task_log import log_result

CHUNK = 5_000


@dataclass(slots=True)
class ImportReport:
    """What an import read and did.

    read: lines; added: new events; unchanged: labels that were there already; problems: rows that were not
    imported, by line.
    """

    path: str
    read: int = 0
    added: int = 0
    unchanged: int = 0
    problems: list[BadLine] = field(default_factory=list)

    def __str__(self) -> str:
        told = (
            f"{shown(self.path)}: {self.read} lines, {self.added} labels added, {self.unchanged} known before"
        )
        lines = [f"  line {bad.line}: {bad.reason}" for bad in self.problems[:MOST_SHOWN]]
        more = len(self.problems) - len(lines)
        return "\n".join([told, *lines, *([f"  and {more} more"] if more else [])])


class ImportRefused(UserError):
    """Nothing was imported, because some rows are bad; ``report`` lists them by line."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__(f"nothing was imported; correct these lines, or allow a partial import\n{report}")
        self.report = report


def import_labels(
    path: str | Path,
    version: int | str,
    settings: Settings | None = None,
    annotator: str = "import",
    partial: bool = False,
) -> ImportReport:
    """Import golden labels from a file; importing the same file again adds nothing.

    A label belongs to the row's own text, or else to the text that the version's raw table has under the
    row's id. It is stored under the text's hash, so it outlives the version.

    Args:
        path: file or URL: JSONL, CSV or parquet with id_str, label[, text, annotator, hard], packed or not.
        annotator: name for rows that have none.
        partial: import the good rows even if others are bad.

    Raises:
        LabelFileError: the file can't be read.
        ImportRefused: bad rows (unknown id, third value, contradiction, broken) and not ``partial``.
    """
    settings = settings or get_settings()
    report = ImportReport(str(path))
    tables = VersionTables.of(version, settings)
    with connect(settings) as connection:
        require_current_schema(connection)
        _stage(connection, report, annotator)
        _resolve(connection, report, tables.raw)
        _settle(connection, report)
        report.problems.sort()
        if report.problems and not partial:
            connection.rollback()
            raise ImportRefused(report)
        _add(connection, report, tables.version)
    return report


def import_file(path: str | None, version: int | str) -> int:
    """The DAG's task: import a file, if one is named; how many labels were new."""
    if path is None:
        log_result("no file of golden labels was given")
        return 0
    report = import_labels(path, version)
    log_result(str(report))
    return report.added


def export_labels(path: str | Path, settings: Settings | None = None) -> int:
    """Write every standing label, one row per text and annotator, in a fixed order; how many there were.

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
                      EXISTS (SELECT FROM label_event e
                              WHERE e.text_hash = g.text_hash AND e.annotator = g.annotator
                                AND e.label IS NOT NULL AND e.shown @> '{"hard": true}')
               FROM golden_label g ORDER BY g.text_hash, g.annotator"""
        )
        yield from cursor


def _stage(connection: psycopg.Connection, report: ImportReport, annotator: str) -> None:
    """Copy the file's good rows into a temporary table, and note the bad ones in the report."""
    connection.execute(
        """CREATE TEMP TABLE import_row (line int, post_id text, label smallint, text text,
                                         annotator text, hard boolean) ON COMMIT DROP"""
    )

    def good() -> Iterator[tuple[int, str, int, str | None, str, bool]]:
        for row in read_labels(report.path):
            report.read += 1
            if isinstance(row, LabelRow):
                yield (*row[:4], row.annotator or annotator, row.hard)
            else:
                report.problems.append(row)

    columns = ("line", "post_id", "label", "text", "annotator", "hard")
    copy_rows(connection, "import_row", columns, good())


def _resolve(connection: psycopg.Connection, report: ImportReport, raw: str) -> None:
    """Find each row's text, its own or else that of the post with its id, and the text's hash."""
    connection.execute(
        """CREATE TEMP TABLE import_label (line int, post_id text, label smallint, text text,
                                           annotator text, hard boolean, text_hash text) ON COMMIT DROP"""
    )
    known = table_exists(connection, raw)
    post = "(SELECT text FROM {} WHERE id = r.post_id ORDER BY topic LIMIT 1)" if known else "(SELECT NULL)"
    query = sql.SQL(
        "SELECT r.line, r.post_id, r.label, r.text, r.annotator, r.hard, {} FROM import_row r ORDER BY r.line"
    ).format(sql.SQL(post).format(sql.Identifier(raw)))
    nowhere = f"not in {raw}" if known else f"in no table ({raw} is missing: run the DAG build_dataset first)"
    columns = ("line", "post_id", "label", "text", "annotator", "hard", "text_hash")
    with connection.cursor(name="import_posts") as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(CHUNK):
            copy_rows(connection, "import_label", columns, _resolved(rows, report, nowhere))


def _resolved(
    rows: Iterable[tuple[Any, ...]], report: ImportReport, nowhere: str
) -> Iterator[tuple[object, ...]]:
    """Rows with the text that their label belongs to, and its hash; the others are noted in the report."""
    for line, post_id, label, given, annotator, hard, found in rows:
        if found is None and given is None:
            report.problems.append(BadLine(line, f"id_str {post_id!r} is {nowhere}, and the row has no text"))
        else:
            text = given or found
            yield line, post_id, label, text, annotator, hard, text_hash(text)


def _settle(connection: psycopg.Connection, report: ImportReport) -> None:
    """Report rows that repeat or contradict an earlier row on the same text by the same annotator.

    Two posts with one normalised text and one label are no problem: that is normal for retweets.
    """
    later = connection.execute(
        """SELECT line, post_id, first_line, post_id = first_post
           FROM (SELECT line, post_id, label, first_value(line) OVER texts AS first_line,
                        first_value(post_id) OVER texts AS first_post,
                        first_value(label) OVER texts AS first_label
                 FROM import_label
                 WINDOW texts AS (PARTITION BY text_hash, annotator ORDER BY line)) placed
           WHERE line > first_line AND (post_id = first_post OR label <> first_label)"""
    )
    for line, post_id, first, same in later:
        reason = "repeats" if same else "has the same text as, and contradicts,"
        report.problems.append(BadLine(line, f"id_str {post_id!r} {reason} line {first}"))


def _add(connection: psycopg.Connection, report: ImportReport, version: int) -> None:
    """One event per text and annotator whose standing label is not that one already."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtext('import labels'))")
    row = connection.execute(
        """WITH wanted AS (
               SELECT DISTINCT ON (text_hash, annotator) * FROM import_label
               ORDER BY text_hash, annotator, line
           ), added AS (
               INSERT INTO label_event
                   (text_hash, post_id, text, version, annotator, action, label, queue, shown)
               SELECT w.text_hash, w.post_id, w.text, %s, w.annotator, 'import', w.label, 'import',
                      CASE WHEN w.hard THEN '{"hard": true}'::jsonb ELSE '{}' END
               FROM wanted w
               WHERE NOT EXISTS (SELECT FROM golden_label g
                                 WHERE g.text_hash = w.text_hash AND g.annotator = w.annotator
                                   AND g.label = w.label)
               ORDER BY w.line
               RETURNING id
           )
           SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM wanted)""",
        [version],
    ).fetchone()
    if row is not None:
        report.added, report.unchanged = row[0], row[1] - row[0]


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
    return parser.parse_args(arguments)


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """The command line of import and export; returns the exit code."""
    options = parse(arguments)
    if options.command == "import":
        report = import_labels(
            options.file, options.version, annotator=options.annotator, partial=options.partial
        )
        show(str(report))
    else:
        show(f"{export_labels(options.file)} labels written to {options.file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
