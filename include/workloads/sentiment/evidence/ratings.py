"""Texts that people rated: those of a file, and what people said on the page."""

from __future__ import annotations

import csv
from pathlib import Path

import psycopg

from include.errors import UserError

COLUMNS = ("mean_rating", "text")


class BadRatings(UserError):
    """A file of ratings that can't be read as one."""


def rated_in_file(path: Path | None) -> list[tuple[str, float]]:
    """Text and rating of each row; nothing without a file.

    Raises:
        BadRatings: naming the file and the line.
    """
    if path is None:
        return []
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            if missing := set(COLUMNS) - set(rows.fieldnames or ()):
                raise BadRatings(f"{path}: no column {', '.join(sorted(missing))}; a header names them")
            return [_read(path, rows.line_num, row) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise BadRatings(f"TWEETSIEVE_SENTIMENT_RATINGS: {path}: {problem}") from problem


def rated_on_page(connection: psycopg.Connection) -> list[tuple[str, float]]:
    """Text and mean rating of each message that people rated."""
    return connection.execute(
        "SELECT s.text, avg(e.rating)::float8 FROM sentiment_case_event AS e"
        " JOIN sentiment AS s USING (topic, kafka_partition, kafka_offset)"
        " WHERE e.rating IS NOT NULL GROUP BY topic, kafka_partition, kafka_offset, s.text ORDER BY 1"
    ).fetchall()


def _read(path: Path, line: int, row: dict[str, str]) -> tuple[str, float]:
    try:
        return row["text"], float(row["mean_rating"])
    except (TypeError, ValueError):
        raise BadRatings(f"{path}, line {line}: {row['mean_rating']!r} is no rating") from None
