"""One reader for all files: packing, marks, quotes, cells; what is bad is told by its line."""

from __future__ import annotations

import bz2
import gzip
import re
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.infra.input_files import parquet_records
from include.infra.input_files.layout import Layout
from include.infra.input_files.location import input_file
from include.infra.input_files.problems import BadLine, InputFileError, Problems
from include.infra.input_files.reader import LONGEST, Row, read_rows

LAYOUT = Layout({"id": ("id_str", "id"), "text": ("text",)}, optional=("label",))
ROWS = [
    {"id": "1", "text": "one, two"},
    {"id": "2", "text": 'said "hi"\nand left'},
    {"id": "3", "text": "日"},
]
CSV = 'id,text,more\n1,"one, two",x\n2,"said ""hi""\nand left",y\n3,日,z\n'.encode()
JSONL = b'{"id":"1"}\n\n {"id":"2"} \r\n{"id":"3"}'


def zst(content: bytes) -> bytes:
    return pa.compress(content, codec="zstd", asbytes=True)


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".zst": zst,
}


def read(path: Path, content: bytes, longest: int = 10_000, layout: Layout = LAYOUT) -> list[Row | BadLine]:
    path.write_bytes(content)
    return list(read_rows(input_file(path), layout, longest))


def parquet(path: Path) -> bytes:
    pq.write_table(pa.Table.from_pylist(ROWS), path)
    return path.read_bytes()


@pytest.mark.parametrize("suffix", PACKED)
@pytest.mark.parametrize("named", [True, False])
def test_every_packing_of_every_format(tmp_path: Path, suffix: str, named: bool) -> None:
    ending = suffix if named else ""
    pack = PACKED[suffix]
    assert [row.value for row in read(tmp_path / f"a.csv{ending}", pack(CSV))] == ROWS  # type: ignore[union-attr]
    lines = read(tmp_path / f"a.jsonl{ending}", pack(JSONL))
    assert lines == [Row(1, b'{"id":"1"}'), Row(3, b'{"id":"2"}'), Row(4, b'{"id":"3"}')]
    table = parquet(tmp_path / "b.parquet")
    assert [row.value for row in read(tmp_path / f"a.parquet{ending}", pack(table))] == ROWS  # type: ignore[union-attr]


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".zst"])
def test_packed_in_several_pieces_and_cut(tmp_path: Path, suffix: str) -> None:
    pack = PACKED[suffix]
    whole = pack(b'{"id":"1"}\n' * 500) + pack(b'{"id":"2"}\n')
    assert len(read(tmp_path / f"a.jsonl{suffix}", whole)) == 501
    with pytest.raises(InputFileError, match=rf"a\.jsonl\{suffix}: can't be read"):
        read(tmp_path / f"a.jsonl{suffix}", pack(b"".join(b"%d\n" % (n**7) for n in range(9_999)))[:-30])
    with pytest.raises(InputFileError, match="not compressed, although its name says"):
        read(tmp_path / f"a.jsonl{suffix}", JSONL)


@pytest.mark.parametrize("head", [b"PK\x03\x04", b"\xfd7zXZ\x00", b"7z\xbc\xaf\x27\x1c"])
def test_other_packing_is_named(tmp_path: Path, head: bytes) -> None:
    with pytest.raises(InputFileError, match=r"unknown kind of file, (zip|xz|7z).*\.gz, \.bz2, \.zst"):
        read(tmp_path / "a.jsonl", head + b"rest")


@pytest.mark.parametrize("suffix", PACKED)
def test_a_byte_order_mark_belongs_to_no_cell(tmp_path: Path, suffix: str) -> None:
    pack = PACKED[suffix]
    assert [row.value for row in read(tmp_path / f"a.csv{suffix}", pack(b"\xef\xbb\xbf" + CSV))] == ROWS  # type: ignore[union-attr]
    joined = b"\xef\xbb\xbf" + JSONL + b"\n\xef\xbb\xbf" + JSONL
    assert [row.value for row in read(tmp_path / f"a.jsonl{suffix}", pack(joined))][3] == b'{"id":"1"}'  # type: ignore[union-attr]
    assert len(read(tmp_path / "no_suffix", pack(b"\xef\xbb\xbf" + JSONL))) == 3


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "no_suffix"])
def test_another_encoding_is_told_with_the_way_out(tmp_path: Path, encoding: str, name: str) -> None:
    content = '{"id":"1"}\n' if name == "no_suffix" else CSV.decode()
    with pytest.raises(InputFileError, match=rf"{name}: is in UTF-(16|32), not UTF-8: save it"):
        read(tmp_path / name, content.encode(encoding))


BAD = [
    ("1,too,many\n2,ok\n", [(2, "3 cells, the header has 2")], ["2"]),
    ("1\n2,ok\n", [(2, "1 cells, the header has 2")], ["2"]),
    ('1,"open\n2,second\n3,third\n', [(2, "quote opens here.*up to line 4")], ["2", "3"]),
    ('1,"bent”\n2,second\n3,"third" x\n4,ok\n', [(2, "up to line 4"), (4, "quoted wrongly")], ["2", "4"]),
    ('1,"bent”\n2,5"\n3,ok\n', [(2, "closed after line 3")], ["2", "3"]),
    ('12345678,"open\n12345679,b 5"\n', [(2, "closed after line 3")], ["12345679"]),
    ('1,"a"b\n2,c\n3,"d"e\n', [(2, "quoted wrongly"), (4, "quoted wrongly")], ["2"]),
    ("1,\udcff\n2,ok\n", [(2, "not UTF-8")], ["2"]),
    ("1,ok\n" + "2," + "x" * 20_000 + "\n3,ok\n", [(3, "longer than 10000 bytes")], ["1", "3"]),
    ("\n1,ok\n,\n  ,  \n2,ok\n", [], ["1", "2"]),
    ('1,"two\n\nlines, 10,000 people"\n2,"he said: ”yes”\n10 people, ""all"" of them"\n', [], ["1", "2"]),
    ("1,a\r2,b\r\n3,c", [], ["1", "2", "3"]),
]


@pytest.mark.parametrize(("body", "told", "taken"), BAD)
def test_bad_lines_are_told_and_the_others_read(tmp_path: Path, body: str, told: list, taken: list) -> None:
    found = read(tmp_path / "a.csv", ("id,text\n" + body).encode("utf-8", "surrogateescape"))
    bad = [row for row in found if isinstance(row, BadLine)]
    assert [row.line for row in bad] == [line for line, _ in told]
    for row, (_, reason) in zip(bad, told, strict=True):
        assert re.search(reason, row.reason)
    good = [row.value["id"] for row in found if isinstance(row, Row) and isinstance(row.value, dict)]
    assert good == taken


def test_a_label_file_shows_swallowed_rows_by_their_labels(tmp_path: Path) -> None:
    layout = Layout({"id": ("id",), "label": ("label",)})
    body = 'id,label,text\n1,1,"bent”\n2,0,second 5"\n3,1,ok\n'
    found = read(tmp_path / "a.csv", body.encode(), layout=layout)
    assert [row.line for row in found] == [2, 3, 4]
    assert isinstance(found[0], BadLine)
    quoted = '"id","label","text"\n"1","1","a poem”\n2,0,its second line"\n"3","1","ok"\n'
    assert [type(row) for row in read(tmp_path / "b.csv", quoted.encode(), layout=layout)] == [Row, Row]


@pytest.mark.parametrize(("name", "mark"), [("a.csv", ";"), ("a.csv", "\t"), ("a.tsv", "\t"), ("a.tsv", ",")])
def test_the_delimiter_is_the_one_that_gives_the_columns(tmp_path: Path, name: str, mark: str) -> None:
    content = f'"text"{mark}id\n"a, b; c"{mark}7\n'.encode()
    assert read(tmp_path / name, content) == [Row(2, {"id": "7", "text": "a, b; c"})]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"name,text\n1,a\n", r"line 1: unknown column layout \(name, text\): none of id_str, id"),
        (b"id,text,text\n1,a,b\n", "line 1: the column text is there 2 times"),
        (b'"id,text\n1,a\n', "line 1"),
    ],
)
def test_other_columns_are_told(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(InputFileError, match=says):
        read(tmp_path / "a.csv", content)


@pytest.mark.parametrize("content", [b'[{"id":"1"}]', b'[\n{"id":"1"}\n]', b'{\n  "id": "1"\n}'])
def test_json_that_is_no_object_a_line_is_told_with_the_way_out(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InputFileError, match=r"line 1: .*one object a line, for instance by `jq -c"):
        read(tmp_path / "a.json", content)


def test_a_long_line_of_json_is_passed_over(tmp_path: Path) -> None:
    found = read(tmp_path / "a.jsonl", b'{"id":"1"}\n' + b"x" * 50_000 + b'\n{"id":"2"}\n')
    assert [row.line for row in found] == [1, 2, 3]
    assert isinstance(found[1], BadLine)


def test_a_text_of_parquet_that_is_too_long_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    text = ["ok", "x" * (LONGEST + 1), None, "é" * (LONGEST // 2)]
    pq.write_table(pa.table({"id_str": ["1", "2", "3", "4"], "text": text}), tmp_path / "a.parquet")
    found = list(read_rows(input_file(tmp_path / "a.parquet"), LAYOUT))
    assert found[1] == BadLine(2, f"longer than {LONGEST} bytes")
    assert [row.value["text"] for row in found if isinstance(row, Row) and isinstance(row.value, dict)] == [
        "ok", None, text[3],
    ]  # fmt: skip


def test_a_small_file_of_gigabytes_is_read_a_row_at_a_time(tmp_path: Path) -> None:
    """Some kilobytes that hold 1.8 GB: one text, 2,000 times."""
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 2_000, pa.int32()), ["y" * (LONGEST - 1)])
    ids = [str(number) for number in range(2_000)]
    pq.write_table(pa.table({"id": ids, "text": text}), tmp_path / "a.parquet", compression="zstd")
    assert (tmp_path / "a.parquet").stat().st_size < 2**16
    tracemalloc.start()
    rows = sum(isinstance(row, Row) for row in read_rows(input_file(tmp_path / "a.parquet"), LAYOUT))
    peak = tracemalloc.get_traced_memory()[1] + pa.default_memory_pool().max_memory()
    tracemalloc.stop()
    assert rows == 2_000
    assert peak < 200 * 2**20


def test_a_column_that_unpacks_to_more_than_can_be_held_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_records, "MOST_UNPACKED", 2**20)
    pq.write_table(pa.table({"id": ["1"], "text": ["x" * 2**21]}), tmp_path / "a.parquet", compression="zstd")
    assert (tmp_path / "a.parquet").stat().st_size < 2**16
    with pytest.raises(InputFileError, match=r"column text of row group 1 unpacks to 2\d+ bytes"):
        list(read_rows(input_file(tmp_path / "a.parquet"), LAYOUT))
    pq.write_table(pa.table({"id": ["1"], "text": ["a"], "other": ["x" * 2**21]}), tmp_path / "b.parquet")
    assert len(list(read_rows(input_file(tmp_path / "b.parquet"), LAYOUT))) == 1, "it is not read"


def test_parquet_with_a_text_that_is_not_utf_8(tmp_path: Path) -> None:
    raw = pa.array([b"good", b"\xff\xfe", b"fine"], pa.binary())
    text = pa.StringArray.from_buffers(3, raw.buffers()[1], raw.buffers()[2])
    pq.write_table(pa.table({"id": [1, 2, 3], "text": text}), tmp_path / "a.parquet")
    found = list(read_rows(input_file(tmp_path / "a.parquet"), LAYOUT))
    assert found == [
        Row(1, {"id": 1, "text": "good"}),
        BadLine(2, "not UTF-8"),
        Row(3, {"id": 3, "text": "fine"}),
    ]
    for content, says in ((b"nonsense", "not a readable parquet"), (b"", "parquet")):
        with pytest.raises(InputFileError, match=says):
            read(tmp_path / "b.parquet", content)


@pytest.mark.parametrize("line", ['1,"open\n', '1,"\n', '1,"""\n', '1,"bent”\n2,"\n', '"1\n'])
def test_quotes_that_never_close_are_read_in_linear_time(tmp_path: Path, line: str) -> None:
    began = time.process_time()
    found = read(tmp_path / "a.csv", ("id,text\n" + line * 20_000).encode(), longest=20_000)
    assert found
    assert time.process_time() - began < 10


def test_many_problems_are_counted_and_some_shown() -> None:
    problems = Problems()
    for number in range(1_000):
        problems.add(f"a.csv, line {number}", "half \ud83d\x1b[31m of\nit")
    told = str(problems).splitlines()
    assert told[0] == "a.csv, line 0: half ??[31m of it"
    assert told[20:] == ["and 980 more", "nothing of it was taken: correct or remove these 1000 lines"]
