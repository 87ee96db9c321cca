"""Rows of posts in a file: which of them go, in JSONL, CSV and parquet; the others keep their bytes."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import orjson

from include.forgetting.search.payloads import GONE, Copies
from include.posts.values.ids import plain_id
from include.posts.values.json_value import NotJson, dump, load
from include.text.spreadsheet import unguarded

IDS = ("id_str", "id", "tweet_id", "status_id", "tweetid", "post_id", "repeats")
"""Columns of a table that name a post."""

Part = Callable[[IO[bytes], IO[bytes], Copies], int]
"""Copies a file's rows but for those that go; how many went or changed."""


def jsonl(source: IO[bytes], target: IO[bytes], copies: Copies) -> int:
    """A JSON value a line. Of a page of posts, or a post that quotes one, only that part goes."""
    gone = 0
    for line in source:
        kept = _json_line(line, copies)
        gone += kept is not line
        target.write(kept)
    return gone


def _json_line(line: bytes, copies: Copies) -> bytes:
    try:
        value, changed = copies.without(load(line.strip()))
    except NotJson:
        return b"" if line.strip() and copies.in_bytes(line) else line
    if not changed:
        return line
    return b"" if value is GONE else dump(value) + b"\n"


def table(source: IO[bytes], target: IO[bytes], copies: Copies) -> int:
    """CSV, and what spreadsheets make of it; rows that stay are not rewritten."""
    lines = _Recorded(source)
    first = next(lines, "")
    target.write(lines.taken())
    names, delimiter = _header(first)
    places = [names.index(name) for name in IDS if name in names]
    author = names.index("author") if "author" in names else None
    gone = 0
    for row in csv.reader(lines, delimiter=delimiter):
        raw = lines.taken()
        named = {plain_id(unguarded(row[place])) for place in places if place < len(row)}
        by = row[author] if author is not None and author < len(row) else None
        if named & copies.posts or by in copies.authors:
            gone += 1
        else:
            target.write(raw)
    return gone


def _header(line: str) -> tuple[list[str], str]:
    """The columns' names, and what parts them: what gives a column of ids, else most columns."""
    readings = [(next(csv.reader([line], delimiter=one), []), one) for one in (",", ";", "\t")]
    named = [([name.strip().lower().lstrip("\ufeff") for name in row], one) for row, one in readings]
    return max(named, key=lambda found: (bool(set(IDS) & set(found[0])), len(found[0])))


class _Recorded:
    """Lines as text, whose bytes can be had once a row is complete."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self._lines = source, list[bytes]()

    def __iter__(self) -> _Recorded:
        return self

    def __next__(self) -> str:
        line = next(self._source)
        self._lines.append(line)
        return line.decode("utf-8", "replace").replace("\x00", "")

    def taken(self) -> bytes:
        raw, self._lines = b"".join(self._lines), []
        return raw


def parquet(path: Path, target: Path, copies: Copies) -> int:
    """Write a parquet file without the rows that go; if there are none, or to nowhere, it writes nothing."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    gone = sum(int((~keep).sum()) for _, keep in _kept(path, copies, columns_only=True))
    if not gone or target == Path(os.devnull):
        return gone
    with pq.ParquetFile(path) as file, pq.ParquetWriter(target, file.schema_arrow, compression="zstd") as out:
        for batch, keep in _kept(path, copies):
            out.write_batch(batch.filter(pa.array(keep)))
    return gone


def _kept(path: Path, copies: Copies, *, columns_only: bool = False) -> Iterator[tuple[Any, Any]]:
    """The batches of a file, each with bool[n]: the rows that stay."""
    import numpy as np
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        ids = [name for name in (*IDS, "author") if name in file.schema_arrow.names]
        if not ids:
            return
        for batch in file.iter_batches(columns=ids if columns_only else None):
            keep = np.ones(batch.num_rows, dtype=bool)
            for name in ids:
                known = copies.authors if name == "author" else copies.posts
                values = batch.column(batch.schema.get_field_index(name)).to_pylist()
                keep &= np.array([plain_id(value) not in known for value in values], dtype=bool)
            yield batch, keep


def json_rows(rows: int, manifest: bytes, file: str) -> bytes:
    """An export's manifest after ``rows`` of a file went: its count, and no fingerprint any more."""
    content = orjson.loads(manifest)
    for described in content.get("tables", {}).values():
        if file in described.get("files", {}).values():
            described["rows"] -= rows
            described["fingerprint"] = None
            described["forgotten"] = described.get("forgotten", 0) + rows
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
