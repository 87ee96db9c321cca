"""Import of golden labels from a file, joined to a version's posts."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import psycopg
from psycopg import sql

from include.annotation.labels.import_batches import lock_imports, operator
from include.datasets.golden_files import LabelRow, read_labels
from include.errors import UserError
from include.infra.input_files.location import shown
from include.infra.input_files.problems import MOST_SHOWN, BadLine, one_line
from include.infra.postgres.connection import connect
from include.infra.postgres.copy_rows import copy_rows
from include.posts.text import text_hash
from include.schema.dataset_tables import VersionTables, table_exists
from include.schema.revision import require_current_schema
from include.settings import Settings, get_settings
from include.tombstones.table import leave_out

CHUNK = 5_000
PACE = 1_000


@dataclass(frozen=True, slots=True)
class Upload:
    """Who brings a file, and what its rows may say.

    Attributes:
        by: who brings it; recorded with every label.
        file: the name by which the import is listed.
        names_count: whether a row's ``annotator`` is whose label it is. Where not, all labels are of whoever
            the import's argument ``annotator`` names, and another name stays beside the label as a note.
    """

    by: str
    file: str
    names_count: bool = True

    @classmethod
    def of_operator(cls, path: str | os.PathLike[str], settings: Settings, by: str | None = None) -> Upload:
        """A file that comes by a command or a DAG; ``by`` is the operator where it is not known."""
        return cls(by or operator(settings), PurePath(shown(path)).name)


@dataclass(slots=True)
class ImportReport:
    """What an import read and did.

    read: lines; added: new events; unchanged: labels that were there already; adjudicated: rows that were
    skipped because their post is adjudicated; others: rows that name somebody else, whose name does not
    count; forgotten: rows that were skipped because their post is forgotten; problems: rows that were not
    imported, by line; batch: the import's id, None where nothing is new.
    """

    path: str
    annotator: str = ""
    read: int = 0
    added: int = 0
    unchanged: int = 0
    adjudicated: int = 0
    others: int = 0
    forgotten: int = 0
    batch: int | None = None
    problems: list[BadLine] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"  line {bad.line}: {bad.reason}" for bad in self.problems[:MOST_SHOWN]]
        more = len(self.problems) - len(lines)
        return "\n".join([*self._told(), *lines, *([f"  and {more} more"] if more else [])])

    def _told(self) -> Iterator[str]:
        batch = "" if self.batch is None else f" (import {self.batch})"
        yield (
            f"{shown(self.path)}: {self.read} lines, {self.added} labels added{batch},"
            f" {self.unchanged} known before"
        )
        if self.adjudicated:
            yield f"rows skipped, because their post is adjudicated: {self.adjudicated}"
        if self.forgotten:
            yield f"rows skipped, because their post is forgotten: {self.forgotten}"
        if self.others:
            yield (
                f"rows that name somebody else as annotator: {self.others}; as labels they count as those of"
                f" {one_line(self.annotator)}, and the name is kept as a note"
            )


class ImportRefused(UserError):
    """Nothing was imported, because some rows are bad; ``report`` lists them by line."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__(f"nothing was imported; correct these lines, or allow a partial import\n{report}")
        self.report = report


def import_labels(
    path: str | os.PathLike[str],
    version: int | str,
    settings: Settings | None = None,
    annotator: str = "import",
    partial: bool = False,
    upload: Upload | None = None,
    progress: Callable[[int], None] = lambda read: None,
) -> ImportReport:
    """Import golden labels from a file; importing the same file again adds nothing.

    A label belongs to the row's own text, or else to the text that the version's raw table has under the
    row's id. It is stored under the text's hash, so it outlives the version. A post that is adjudicated gets
    no label.

    Args:
        path: file or URL: JSONL, CSV or parquet with id_str, label[, text, annotator, hard], packed or not.
        annotator: name for rows that have none, or whose own does not count.
        partial: import the good rows even if others are bad.
        upload: who brings the file; by default the operator, whose file may name the annotators.
        progress: is told every PACE rows how many were read.

    Raises:
        LabelFileError: the file can't be read.
        ImportRefused: bad rows (unknown id, third value, contradiction, broken) and not ``partial``.
    """
    settings = settings or get_settings()
    upload = upload or Upload.of_operator(path, settings)
    report = ImportReport(str(path), annotator)
    tables = VersionTables.of(version, settings)
    with connect(settings) as connection:
        require_current_schema(connection)
        _stage(connection, report, upload.names_count, progress)
        report.forgotten = leave_out(connection, sql.Identifier("import_row"), ["id"])
        _resolve(connection, report, tables.raw)
        _settle(connection, report)
        report.problems.sort()
        if report.problems and not partial:
            connection.rollback()
            raise ImportRefused(report)
        _add(connection, report, tables.version, upload)
    return report


def _stage(
    connection: psycopg.Connection, report: ImportReport, names_count: bool, progress: Callable[[int], None]
) -> None:
    """Copy the file's good rows into a temporary table, and note the bad ones in the report."""
    connection.execute(
        """CREATE TEMP TABLE import_row (line int, id text, label smallint, text text,
                                         annotator text, named text, hard boolean) ON COMMIT DROP"""
    )

    def good() -> Iterator[tuple[object, ...]]:
        for row in read_labels(report.path):
            report.read += 1
            if report.read % PACE == 0:
                progress(report.read)
            if isinstance(row, LabelRow):
                annotator, named = _whose(row.annotator, report.annotator, names_count)
                report.others += named is not None
                yield (*row[:4], annotator, named, row.hard)
            else:
                report.problems.append(row)

    columns = ("line", "id", "label", "text", "annotator", "named", "hard")
    copy_rows(connection, "import_row", columns, good())


def _whose(named: str | None, annotator: str, names_count: bool) -> tuple[str, str | None]:
    """Whose label a row is, and the name in the row where that is somebody else.

    >>> _whose("Bob", "ann", True), _whose("Bob", "ann", False), _whose(" Ann", "ann", False)
    (('Bob', None), ('ann', 'Bob'), ('ann', None))
    """
    if names_count:
        return named or annotator, None
    return annotator, named if named and _spelled(named) not in ("", _spelled(annotator)) else None


def _spelled(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


def _resolve(connection: psycopg.Connection, report: ImportReport, raw: str) -> None:
    """Find each row's text, its own or else that of the post with its id, and the text's hash."""
    connection.execute(
        """CREATE TEMP TABLE import_label (line int, post_id text, label smallint, text text,
                                           annotator text, named text, hard boolean, text_hash text)
           ON COMMIT DROP"""
    )
    known = table_exists(connection, raw)
    post = "(SELECT text FROM {} WHERE id = r.id ORDER BY topic LIMIT 1)" if known else "(SELECT NULL)"
    query = sql.SQL(
        "SELECT r.line, r.id, r.label, r.text, r.annotator, r.named, r.hard, {}"
        " FROM import_row r ORDER BY r.line"
    ).format(sql.SQL(post).format(sql.Identifier(raw)))
    nowhere = f"not in {raw}" if known else f"in no table ({raw} is missing: run the DAG build_dataset first)"
    columns = ("line", "post_id", "label", "text", "annotator", "named", "hard", "text_hash")
    with connection.cursor(name="import_posts") as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(CHUNK):
            copy_rows(connection, "import_label", columns, _resolved(rows, report, nowhere))


def _resolved(
    rows: Iterable[tuple[Any, ...]], report: ImportReport, nowhere: str
) -> Iterator[tuple[object, ...]]:
    """Rows with the text that their label belongs to, and its hash; the others are noted in the report."""
    for line, post_id, label, given, *others, found in rows:
        if found is None and given is None:
            report.problems.append(BadLine(line, f"id_str {post_id!r} is {nowhere}, and the row has no text"))
        else:
            text = given or found
            yield line, post_id, label, text, *others, text_hash(text)


def _settle(connection: psycopg.Connection, report: ImportReport) -> None:
    """Report rows that repeat or contradict an earlier row on the same text by the same annotator.

    Two posts with one normalised text and one label are no problem: that is normal for retweets. Nor are two
    rows with one label that name different people whose names do not count.
    """
    later = connection.execute(
        """SELECT line, post_id, first_line, same
           FROM (SELECT line, label, post_id, first_value(line) OVER texts AS first_line,
                        post_id = first_value(post_id) OVER texts
                            AND named IS NOT DISTINCT FROM first_value(named) OVER texts AS same,
                        first_value(label) OVER texts AS first_label
                 FROM import_label
                 WINDOW texts AS (PARTITION BY text_hash, annotator ORDER BY line)) placed
           WHERE line > first_line AND (same OR label <> first_label)"""
    )
    for line, post_id, first, same in later:
        reason = "repeats" if same else "has the same text as, and contradicts,"
        report.problems.append(BadLine(line, f"id_str {post_id!r} {reason} line {first}"))


def _add(connection: psycopg.Connection, report: ImportReport, version: int, upload: Upload) -> None:
    """One event per text and annotator whose standing label is not that one already; none where adjudicated.

    A post that is adjudicated meanwhile may get one: it decides nothing there (view golden_label).
    """
    lock_imports(connection)
    report.adjudicated = connection.execute(
        """DELETE FROM import_label l
           WHERE EXISTS (SELECT FROM standing_event e
                         WHERE e.text_hash = l.text_hash AND e.action = 'adjudicate')"""
    ).rowcount
    row = connection.execute(
        """WITH wanted AS (
               SELECT DISTINCT ON (text_hash, annotator) * FROM import_label
               ORDER BY text_hash, annotator, line
           ), fresh AS (
               SELECT * FROM wanted w
               WHERE NOT EXISTS (SELECT FROM golden_label g
                                 WHERE g.text_hash = w.text_hash AND g.annotator = w.annotator
                                   AND g.label = w.label)
           ), batch AS (
               INSERT INTO label_import (version, file, imported_by)
               SELECT %(version)s, %(file)s, %(by)s WHERE EXISTS (SELECT FROM fresh)
               RETURNING id
           ), added AS (
               INSERT INTO label_event
                   (text_hash, post_id, text, version, annotator, action, label, queue, shown,
                    import_id, recorded_by)
               SELECT f.text_hash, f.post_id, f.text, %(version)s, f.annotator, 'import', f.label, 'import',
                      jsonb_strip_nulls(jsonb_build_object(
                          'hard', NULLIF(f.hard, false), 'annotator_in_file', f.named)),
                      batch.id, %(by)s
               FROM fresh f, batch
               ORDER BY f.line
               RETURNING id
           )
           SELECT (SELECT id FROM batch), (SELECT count(*) FROM added), (SELECT count(*) FROM wanted)""",
        {"version": version, "file": one_line(upload.file), "by": upload.by},
    ).fetchone()
    if row is not None:
        report.batch, report.added, report.unchanged = row[0], row[1], row[2] - row[1]
