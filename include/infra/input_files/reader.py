"""The one reader of files that people hand in: dumps of posts, labels, held-out samples.

JSONL, CSV and parquet, plain or packed as gz, bz2 or zst, on this machine or in a store that fsspec knows. A
byte order mark is skipped, quotes are read strictly, the apostrophe that our own CSV files put before a
formula is taken off, and a line that can't be taken is told with its number.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from include.infra.input_files import compression
from include.infra.input_files.compression import unpacked
from include.infra.input_files.csv_records import csv_records
from include.infra.input_files.layout import Layout
from include.infra.input_files.lines import MARK, lines, refuse_wide
from include.infra.input_files.location import InputFile
from include.infra.input_files.parquet_records import parquet_records
from include.infra.input_files.problems import BadLine, InputFileError
from include.text.spreadsheet import unguarded

KINDS = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
}
"""The formats by the suffix of a file's name, before that of what packs it."""

LONGEST = 948_576
"""Bytes of one line or cell: one post fits with room to spare, and into a message of Kafka's (1 MiB)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a line of JSON as it came, or the cells of a table's row by the layout's names."""

    line: int
    value: bytes | dict[str, Any]


def read_rows(file: InputFile, layout: Layout, longest: int = LONGEST) -> Iterator[Row | BadLine]:
    """The rows of a file in order, and the lines that can't be taken among them.

    Args:
        layout: the columns of a table; JSONL is given as it is.
        longest: bytes of a line, a cell or a text of parquet, before it is told as bad.

    Raises:
        InputFileError: the file can't be read, is empty, is of no known kind or has other columns.
    """
    kind = kind_of(file)
    if kind == "parquet":
        for row in parquet_records(file, layout, longest):
            yield row if isinstance(row, BadLine) else Row(*row)
    elif kind == "jsonl":
        yield from _json_rows(file, longest)
    else:
        yield from _csv_rows(file, layout, longest)


def suffix_of(file: InputFile) -> str | None:
    """The known suffix of a file's name, what packs it aside; None where it is unknown.

    >>> suffix_of(InputFile("a.CSV.zst", "a.CSV.zst")), suffix_of(InputFile("README.md", "README.md"))
    ('.csv', None)
    """
    suffixes = file.suffixes
    if suffixes and suffixes[-1] in compression.SUFFIXES:
        suffixes = suffixes[:-1]
    return suffixes[-1] if suffixes and suffixes[-1] in KINDS else None


def kind_of(file: InputFile) -> str:
    """jsonl, csv or parquet: by the name, else by how the content begins.

    Raises:
        InputFileError: the file can't be read, is empty, or is of no known kind.
    """
    if suffix := suffix_of(file):
        return KINDS[suffix]
    with unpacked(file) as content:
        start = content.read(64)
    refuse_wide(file, start)
    head = start.removeprefix(MARK).lstrip()
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"{", b"[")):
        return "jsonl"
    if not head:
        raise InputFileError(f"{file.name}: the file is empty")
    known = f"known are {', '.join(KINDS)} (or those with {', '.join(compression.SUFFIXES)})"
    raise InputFileError(f"{file.name}: unknown kind of file; {known}")


def _json_rows(file: InputFile, longest: int) -> Iterator[Row | BadLine]:
    with unpacked(file) as content:
        for line in lines(file, content, longest):
            if isinstance(line, BadLine):
                yield line
            elif value := line[1].removeprefix(MARK).strip():  # a mark also where files were joined
                if line[0] == 1:
                    _refuse_document(file, value)
                yield Row(line[0], value)


def _refuse_document(file: InputFile, start: bytes) -> None:
    """Refuse JSON that is not one object a line: its lines would each be told as broken."""
    if start.startswith(b"["):
        told = "a JSON array; give one object a line, for instance by `jq -c '.[]'`"
        raise InputFileError(f"{file.name}, line 1: {told}")
    if start == b"{":
        told = "one JSON object over several lines; give one object a line, for instance by `jq -c .`"
        raise InputFileError(f"{file.name}, line 1: {told}")


def _csv_rows(file: InputFile, layout: Layout, longest: int) -> Iterator[Row | BadLine]:
    columns: dict[str, int] | None = None
    with unpacked(file) as content:
        for record in csv_records(file, content, longest, _delimiter(file, layout)):
            if columns is None:
                if isinstance(record, BadLine):
                    raise InputFileError(f"{file.name}, line {record.line}: {record.reason}")
                header = [name.strip() for name in record[1]]
                found = layout.columns(f"{file.name}, line {record[0]}", header)
                columns = {name: header.index(column) for name, column in found.items()}
            elif isinstance(record, BadLine):
                yield record
            else:
                yield Row(record[0], {name: unguarded(record[1][at]) for name, at in columns.items()})
    if columns is None:
        raise InputFileError(f"{file.name}: the file is empty")


def _delimiter(file: InputFile, layout: Layout) -> Callable[[str], str]:
    """Which delimiter gives the columns that are wanted: spreadsheets write what their language uses."""
    usual = ("\t", ",", ";") if suffix_of(file) == ".tsv" else (",", ";", "\t")

    def delimiter_of(header: str) -> str:
        for delimiter in usual:
            names = next(csv.reader([header], delimiter=delimiter), [])
            if layout.fits([name.strip() for name in names]):
                return delimiter
        return usual[0]

    return delimiter_of
