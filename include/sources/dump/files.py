"""Reading dump files of any known format row by row, with only the current row in memory."""

from __future__ import annotations

import csv
import gzip
import io
import re
import shutil
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

import orjson

from include.posts.parse import MAX_BYTES
from include.sources.interface.source import SourceError

SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
}
COLUMNS = {
    "id_str": ("id_str", "id", "tweet_id", "status_id", "tweetid", "post_id"),
    "text": ("text", "full_text", "tweet", "content", "body"),
}
"""Column names for a post's id and text; the first that exists is used."""
EXTRA_COLUMNS = ("created_at", "lang", "source")

_MAX_LINE = 2 * MAX_BYTES - 100_000  # under the broker's limit of 1 MiB
_MANGLED_ID = re.compile(r"\d[.,]?\d*[eE]\+\d+")


class DumpRow(NamedTuple):
    """One row as JSON, and its place: ``file, line n``."""

    place: str
    value: bytes


def dump_files(path: Path) -> list[Path]:
    """The files of a dump, in the order of their names.

    Raises:
        SourceError: the path does not exist, or has no file of a known kind.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise SourceError(f"{path}: there is no such file or folder")
    files = sorted(
        file
        for file in path.rglob("*")
        if file.is_file()
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
        and _suffix(file) in SUFFIXES
    )
    if not files:
        raise SourceError(
            f"{path}: the folder holds no file ending in {', '.join(SUFFIXES)} (or those with .gz)"
        )
    return files


def rows(file: Path) -> Iterator[DumpRow]:
    """The rows of one file.

    Raises:
        SourceError: naming the file, and the line where there is one.
    """
    kind = _kind(file)
    try:
        yield from {"jsonl": _json_rows, "csv": _csv_rows, "parquet": _parquet_rows}[kind](file)
    except (OSError, EOFError, zlib.error) as error:  # a cut or damaged gz is one of these
        raise SourceError(f"{file}: can't be read: {error}") from error


def _suffix(file: Path) -> str:
    suffixes = [suffix.lower() for suffix in file.suffixes]
    return suffixes[-2] if len(suffixes) > 1 and suffixes[-1] == ".gz" else suffixes[-1] if suffixes else ""


def _kind(file: Path) -> str:
    """The format by suffix, else by the first bytes of the content."""
    if kind := SUFFIXES.get(_suffix(file)):
        return kind
    try:
        with _unpacked(file) as content:
            head = content.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{file}: can't be read: {error}") from error
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"{", b"[")):
        return "jsonl"
    if not head:
        raise SourceError(f"{file}: the file is empty")
    raise SourceError(f"{file}: unknown kind of file; known are {', '.join(SUFFIXES)} (or those with .gz)")


@contextmanager
def _unpacked(file: Path) -> Iterator[IO[bytes]]:
    """The file's content; gz is recognised by the first bytes, not by the name."""
    with file.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        if packed:
            with gzip.GzipFile(fileobj=raw) as content:
                yield content  # type: ignore[misc]
        else:
            yield raw


def _json_rows(file: Path) -> Iterator[DumpRow]:
    with _unpacked(file) as content:
        number, line = 0, b""
        try:
            while line := content.readline(_MAX_LINE + 1):
                number += 1
                if len(line) > _MAX_LINE:
                    raise SourceError(
                        f"{file}, line {number}: longer than {_MAX_LINE} bytes: not a post a line"
                    )
                line = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
                if number == 1 and line.lstrip().startswith(b"["):
                    raise SourceError(
                        f"{file}, line 1: a JSON array; give one object a line, for instance by `jq -c '.[]'`"
                    )
                if line := line.strip():
                    yield DumpRow(f"{file}, line {number}", line)
        except (OSError, EOFError, zlib.error) as error:
            raise SourceError(f"{file}: can't be read after line {number}: {error}") from error


def _csv_rows(file: Path) -> Iterator[DumpRow]:
    csv.field_size_limit(_MAX_LINE)
    with _unpacked(file) as content, io.TextIOWrapper(content, encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text, delimiter="\t" if _suffix(file) == ".tsv" else ",", strict=True)
        try:
            header = next(reader, None)
            if header is None:
                raise SourceError(f"{file}: the file is empty")
            columns = _columns(f"{file}, line 1", header)
            for cells in reader:
                if len(cells) != len(header):
                    if not any(cells):
                        continue
                    raise SourceError(
                        f"{file}, line {reader.line_num}: {len(cells)} cells, the header has {len(header)}"
                    )
                values = {name: cells[header.index(column)] for name, column in columns.items()}
                yield _table_row(f"{file}, line {reader.line_num}", values)
        except UnicodeDecodeError as error:
            raise SourceError(f"{file}, after line {reader.line_num}: not UTF-8 ({error.reason})") from None
        except csv.Error as error:
            raise SourceError(f"{file}, line {reader.line_num}: {error}") from None


def _parquet_rows(file: Path) -> Iterator[DumpRow]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with _seekable(file) as content:
        try:
            table = pq.ParquetFile(content)
            columns = _columns(str(file), table.schema_arrow.names)
            if pa.types.is_floating(table.schema_arrow.field(columns["id_str"]).type):
                raise SourceError(f"{file}: column {columns['id_str']} holds fractions, which no id survives")
            number = 0
            for batch in table.iter_batches(batch_size=2_000, columns=list(columns.values())):
                for record in batch.to_pylist():
                    number += 1
                    values = {name: record[column] for name, column in columns.items()}
                    yield _table_row(f"{file}, row {number}", values)
        except pa.ArrowException as error:
            raise SourceError(f"{file}: not a readable parquet file: {error}") from None


@contextmanager
def _seekable(file: Path) -> Iterator[IO[bytes]]:
    """Parquet is read from its end, so a gzipped file is first unpacked into a temporary one."""
    with _unpacked(file) as content:
        if not isinstance(content, gzip.GzipFile):
            yield content
            return
        with tempfile.TemporaryFile() as unpacked:
            shutil.copyfileobj(content, unpacked)
            unpacked.seek(0)
            yield unpacked


def _columns(place: str, header: Iterable[str]) -> dict[str, str]:
    """The columns of id, text and extras.

    Raises:
        SourceError: no column for the id or the text; the message lists the columns and the known names.
    """
    there = list(header)
    found = {extra: extra for extra in EXTRA_COLUMNS if extra in there}
    for name, known in COLUMNS.items():
        match = next((column for column in known if column in there), None)
        if match is None:
            raise SourceError(
                f"{place}: unknown column layout ({', '.join(there)[:120]}): none of {', '.join(known)}"
            )
        found[name] = match
    return {"id_str": found.pop("id_str"), "text": found.pop("text"), **found}


def _table_row(place: str, values: dict[str, Any]) -> DumpRow:
    identifier = "" if values["id_str"] is None else str(values["id_str"])
    if _MANGLED_ID.fullmatch(identifier):
        raise SourceError(f"{place}: id {identifier} was rounded by a spreadsheet; export the ids as text")
    row = {"id_str": identifier, "text": values["text"]}
    row |= {name: str(value) for name in EXTRA_COLUMNS if (value := values.get(name)) not in (None, "")}
    try:
        return DumpRow(place, orjson.dumps(row))
    except TypeError:
        raise SourceError(f"{place}: the text is not a text") from None
