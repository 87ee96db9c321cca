"""Rows go out of files of every kind; what stays keeps its bytes."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.forgetting.files import records
from include.forgetting.files.logs import in_place_of
from include.forgetting.search.payloads import Copies
from include.forgetting.search.texts import Quotes

COPIES = Copies({"1240291123456789123", "2"}, {"9"})
CSV = 'id,text,author\r\n1,"two\r\nlines, one row",\r\n2,"gone\r\nwith both",\r\n3,ok,9\r\n=4,"x"",y",\r\n'
SEMICOLONS = '\ufefftext;id_str\nkept;1\ngone;"=""1240291123456789123"""\n'


def through(part: records.Part, raw: bytes) -> tuple[bytes, int]:
    target = io.BytesIO()
    gone = part(io.BytesIO(raw), target, COPIES)
    return target.getvalue(), gone


@pytest.mark.parametrize(
    ("given", "left", "gone"),
    [
        (CSV, 'id,text,author\r\n1,"two\r\nlines, one row",\r\n=4,"x"",y",\r\n', 2),
        (SEMICOLONS, "\ufefftext;id_str\nkept;1\n", 1),
        ("text,label\n2,1\n", "text,label\n2,1\n", 0),
        ("", "", 0),
    ],
)
def test_a_table(given: str, left: str, gone: int) -> None:
    assert through(records.table, given.encode()) == (left.encode(), gone)


def test_lines_of_json_keep_their_bytes() -> None:
    own = b'{"id": "1",   "text": "\\u00fc"}\r\n'
    raw = own + b'{"id":"2","text":"a"}\n\nnot json\n{"id_str": "2", "text": "cut'
    assert through(records.jsonl, raw) == (own + b"\nnot json\n", 2)


@pytest.mark.parametrize("kind", [pa.string(), pa.int64()])
def test_parquet(tmp_path: Path, kind: pa.DataType) -> None:
    table = pa.table({"id": pa.array(["1", "2", "3"]).cast(kind), "n": [1, 2, 3]})
    pq.write_table(table.replace_schema_metadata({"a": "b"}), tmp_path / "a.parquet")
    assert records.parquet(tmp_path / "a.parquet", tmp_path / "b.parquet", COPIES) == 1
    left = pq.read_table(tmp_path / "b.parquet")
    assert left.column("n").to_pylist() == [1, 3]
    assert left.schema.metadata == {b"a": b"b"}
    assert records.parquet(tmp_path / "b.parquet", tmp_path / "c.parquet", COPIES) == 0
    assert not (tmp_path / "c.parquet").exists()


def test_a_manifest_counts_what_is_left() -> None:
    before = b'{"tables": {"t": {"rows": 5, "fingerprint": "ab", "files": {"csv": "t.csv"}}}}'
    after = records.json_rows(2, before, "t.csv")
    assert b'"rows": 3' in after
    assert b'"fingerprint": null' in after
    assert records.json_rows(2, before, "u.csv") != after


def test_lines_that_quote_a_text() -> None:
    text = "Größe ist nicht alles, sagt das\nneuronale Netz"
    quotes = Quotes([], [text, "kurz und gut gesagt"])
    for line in (
        "DETAIL: (1, Größe ist nicht alles, sagt das neuronale",
        '{"event": "Gr\\u00f6\\u00dfe ist nicht alles, sagt das\\nneuronale Netz"}',
        "b'...' kurz und gut gesagt!",
    ):
        assert quotes.within(line), line
        assert len(in_place_of(line.encode())) == len(line.encode())
    for line in ("nicht alles, sagt das neuronale Netz", "", "kurz und gut", "Größe ist nicht"):
        assert not quotes.within(line), line
    assert not Quotes(["7"], []).within("attempt 7 of 7"), "so short a number may be anything"
