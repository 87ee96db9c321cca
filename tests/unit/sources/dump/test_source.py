"""Dumps: every layout reads to the same posts, and every damage names its file and line."""

from __future__ import annotations

import bz2
import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.posts.parse import parse_post
from include.posts.post import PostError
from include.sources.dump.source import DumpSource
from include.sources.interface.source import SourceError
from include.sources.registry import make_source

ROWS = [
    {"id_str": "1", "text": "Deep learning, explained\nin two lines https://t.co/abcdefghij"},
    {"id_str": "2", "text": 'she said "hi", and left'},
    {"id_str": "3", "text": "今日は雨 #AI"},
]

GOOD = json.dumps(ROWS[0]).encode()


def jsonl(path: Path, rows: list[dict]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def csv_file(path: Path, rows: list[dict], delimiter: str = ",") -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def parquet(path: Path, rows: list[dict]) -> None:
    pq.write_table(pa.Table.from_pylist(rows), path)


def zst(content: bytes) -> bytes:
    return pa.compress(content, codec="zstd", asbytes=True)


def packed(
    write: Callable[[Path, list[dict]], None], pack: Callable[[bytes], bytes] = gzip.compress
) -> Callable[[Path, list[dict]], None]:
    def write_packed(path: Path, rows: list[dict]) -> None:
        write(path, rows)
        path.write_bytes(pack(path.read_bytes()))

    return write_packed


LAYOUTS = [
    ("a.jsonl", jsonl),
    ("a.json", jsonl),
    ("a.jsonl.gz", packed(jsonl)),
    ("a.csv", csv_file),
    ("a.csv.gz", packed(csv_file)),
    ("a.tsv", lambda path, rows: csv_file(path, rows, "\t")),
    ("a.parquet", parquet),
    ("a.parquet.gz", packed(parquet)),
    ("a.jsonl.bz2", packed(jsonl, bz2.compress)),
    ("a.csv.zst", packed(csv_file, zst)),
    ("a.parquet.zst", packed(parquet, zst)),
    ("packed_without_saying.jsonl", packed(jsonl)),
    ("no_suffix", jsonl),
]


@pytest.mark.parametrize(("name", "write"), LAYOUTS, ids=[name for name, _ in LAYOUTS])
def test_every_layout_reads_to_the_same_posts(tmp_path, settings, name, write) -> None:
    write(tmp_path / name, ROWS)
    posts = list(DumpSource(settings, tmp_path / name).posts())
    assert [post.topic for post in posts] == [settings.ai_topic, settings.mix_topic, settings.ai_topic]
    assert [post.key for post in posts] == [b"1", b"2", b"3"]
    assert [json.loads(post.value) for post in posts] == ROWS


def test_json_objects_are_published_as_they_came(tmp_path, settings) -> None:
    lines = [
        b'{ "id_str":"1",  "text":"AI", "entities":{}, "created_at":"Sun Apr 05 10:46:44 +0000 2020" }',
        b'{"data":{"id":"2","text":"hi"},"includes":{}}',
        b'{"id_str":"3","text":"\\ud800 lone surrogate"}',
    ]
    (tmp_path / "a.jsonl").write_bytes(b"\xef\xbb\xbf" + b"  \r\n\n".join(lines))
    assert [post.value for post in DumpSource(settings, tmp_path / "a.jsonl").posts()] == lines


def test_a_folder_is_read_in_order_and_other_files_are_not(tmp_path, settings) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "README.md").write_text("not a dump")
    (tmp_path / ".hidden.jsonl").write_text("broken")
    jsonl(tmp_path / "b.jsonl", ROWS[1:2])
    csv_file(tmp_path / "a.csv", ROWS[:1])
    parquet(tmp_path / "sub" / "c.parquet", ROWS[2:])
    assert [post.key for post in DumpSource(settings, tmp_path).posts()] == [b"1", b"2", b"3"]


def test_sound_rows_that_are_no_posts_become_dead_letters(tmp_path, settings) -> None:
    rows: list[dict] = [
        *ROWS,
        {"id_str": "4", "text": ""},
        {"id_str": "5", "text": None},
        {"data": None},
        {"delete": {"id": 1}},
    ]
    jsonl(tmp_path / "a.jsonl", rows)
    odd = list(DumpSource(settings, tmp_path / "a.jsonl").posts())[3:]
    assert [(post.topic, post.key) for post in odd] == [(settings.mix_topic, None)] * 4


@pytest.mark.parametrize(
    "notice",
    [
        {"user_withheld": {"id": 123456, "withheld_in_countries": ["DE"]}},
        {"friends": [1, 2, 3]},
        {"event": "favorite", "target": {"id": 1}},
        {"something": "never seen", "new": True},
        {"meta": {"result_count": 0}, "__twarc": {"version": "2.13.0"}},
        {"data": [], "meta": {"result_count": 0}},
        {"title": "operational-disconnect", "detail": "made up"},
        [{"title": "operational-disconnect", "detail": "made up"}],
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_layout_is_judged_by_the_file(tmp_path, settings, caplog, notice, first: bool) -> None:
    """Whatever a line beside posts holds becomes a dead letter, with a reason."""
    rows = [notice, *ROWS] if first and isinstance(notice, dict) else [*ROWS, notice]
    jsonl(tmp_path / "a.jsonl", rows)
    posts = list(DumpSource(settings, tmp_path / "a.jsonl").posts())
    odd = [post for post in posts if post.key is None]
    assert [json.loads(post.value) for post in odd] == [notice]
    assert len(posts) == len(rows)
    with pytest.raises(PostError, match=r"not a post|source error"):
        parse_post(odd[0].value)
    assert "1 of 4 rows carry no post and become dead letters" in caplog.text


def test_notices_alone_are_a_dump_and_unknown_rows_alone_are_none(tmp_path, settings) -> None:
    jsonl(tmp_path / "a.jsonl", [{"delete": {"status": {"id": 1}}}, {"title": "x-disconnect"}])
    assert DumpSource(settings, tmp_path / "a.jsonl").validate() == 2
    unknown: list[list[dict]] = [[{"friends": [1]}, {"delete": {}}], [{"data": [{"id": "1", "name": "x"}]}]]
    for rows in unknown:
        jsonl(tmp_path / "b.jsonl", rows)
        with pytest.raises(SourceError, match=r"line 1.*unknown column layout .*no line of the file"):
            DumpSource(settings, tmp_path).validate()


def test_all_bad_lines_of_all_files_are_told(tmp_path, settings) -> None:
    (tmp_path / "a.jsonl").write_bytes(GOOD + b"\n{cut\n17\n" + GOOD)
    (tmp_path / "b.csv").write_text('id,text\n1,"bent”\n2,b\n3,"c" d\n' + "4,x,y\n" * 30)
    with pytest.raises(SourceError) as error:
        next(DumpSource(settings, tmp_path).posts())
    told = str(error.value).splitlines()
    for line, says in zip(
        told, ("a.jsonl, line 2: not JSON", "line 3: not an obj", "b.csv, line 2"), strict=False
    ):
        assert says in line
    assert told[-2:] == ["and 14 more", "nothing of it was taken: correct or remove these 34 lines"]


MANGLED = [
    ("a.csv", b"id,text\n1.24E+18,one\n1.24E18,two\n17.0,three\n", ["line 2", "line 3", "line 4", "as text"]),
    ("a.csv", b'id,text\n="1.24E+18",one\n', ["line 2: id"]),
    ("a.csv", b'id,text\n"1,240,291,123",one\n', ["line 2: id 1,240,291,123 has lost digits"]),
    ("a.csv", b"id,text\n1240291123456780000,a\n1240291123456790000,b\n", ["line 3", "end in zeros"]),
    ("a.jsonl", b'{"id":1.24e18,"text":"a"}\n{"id_str":"1.24E+18","text":"b"}', ["line 1: id", "line 2: id"]),
    ("a.jsonl", b'{"data":{"id":1.24e18,"text":"a"}}', ["line 1: id 1.24e+18"]),
    ("a.jsonl", b'{"data":[{"id":"1","text":"a"},{"id":1.24e18,"text":"b"}]}', ["line 1, post 2: id"]),
    ("a.jsonl", b'{"id":1.24e18,"text":"a","edit_history_tweet_ids":["1"]}', ["line 1: id"]),
    ("a.jsonl", b'{"id_str":"nan","text":"a"}', ["line 1: id nan"]),
]


@pytest.mark.parametrize(("name", "content", "says"), MANGLED)
def test_ids_that_lost_digits_are_refused_by_their_line(tmp_path, settings, name, content, says) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError) as error:
        next(DumpSource(settings, tmp_path / name).posts())
    for part in says:
        assert part in str(error.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", '\ufeffid,text\n="17",a\n'),
        ("a.csv", "id,text\n'17,a\n"),
        ("a.csv", 'id,text\n"""17""",a\n'),
        ("a.jsonl", '{"id":"=\\"17\\"","text":"a"}'),
        ("a.jsonl", '{"id":1.7e18,"id_str":"17","text":"a"}'),
    ],
)
def test_a_harmless_guard_is_taken_off(tmp_path, settings, name, content) -> None:
    (tmp_path / name).write_text(content)
    assert next(DumpSource(settings, tmp_path / name).posts()).key == b"17"


def test_a_dump_in_a_store(settings) -> None:
    with fsspec.open("memory://bucket/dump/a.jsonl.gz", "wb") as file:
        file.write(gzip.compress(GOOD))
    for path in ("memory://bucket/dump", "memory://bucket/dump/a.jsonl.gz"):
        source = make_source("dump", settings, path=path)
        assert [post.key for post in source.posts()] == [b"1"]
        assert source.fingerprint().startswith("dump:")
        assert source.parameters() == {"path": path}
    with pytest.raises(SourceError, match="s3fs"):
        DumpSource(settings, "s3://bucket/dump").fingerprint()


FAULTS = [
    ("mangled-ids-in-jsonl/excel.csv", "line 2: id"),
    ("mangled-ids-in-jsonl/java.csv", "line 3: id"),
    ("mangled-ids-in-jsonl/number.jsonl", "line 2: id"),
    ("mangled-ids-in-jsonl/pandas.csv", "line 2: id"),
    ("mangled-ids-in-jsonl/text.jsonl", "line 2: id"),
    ("quote-swallows-labels/dump.csv", "line 2: a quote opens here"),
    ("bom-in-label-files/dump.csv", 1),
    ("twarc2-pages/input.jsonl", 2),
    ("twarc2-flattened-retweet/input.jsonl", 1),
    ("user-withheld-in-dump/event.jsonl", 2),
    ("user-withheld-in-dump/known.jsonl", 2),
    ("user-withheld-in-dump/withheld.jsonl", 2),
    ("half-an-emoji-ends-replay/input.jsonl", 3),
]


@pytest.mark.parametrize(("file", "result"), FAULTS)
def test_shared_dumps(settings, real_data, file: str, result: int | str) -> None:
    path = real_data / "faults" / file
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    if isinstance(result, int):
        assert len(list(DumpSource(settings, path).posts())) == result
    else:
        with pytest.raises(SourceError, match=result):
            DumpSource(settings, path).validate()


def test_extra_columns_are_kept(tmp_path, settings) -> None:
    row = {"tweet_id": 17, "created_at": "2020-04-05T10:46:44Z", "lang": "en", "tweet": "hi", "likes": 3}
    parquet(tmp_path / "a.parquet", [row])
    post = parse_post(next(DumpSource(settings, tmp_path / "a.parquet").posts()).value)
    assert post.created_at is not None
    assert (post.id, post.text, post.lang, post.created_at.year) == ("17", "hi", "en", 2020)


def test_fingerprint_is_of_the_content(tmp_path, settings) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        jsonl(tmp_path / name, ROWS)
    jsonl(tmp_path / "c.jsonl", ROWS[:2])
    prints = [
        DumpSource(settings, tmp_path / name).fingerprint() for name in ("a.jsonl", "b.jsonl", "c.jsonl")
    ]
    assert prints[0] == prints[1] != prints[2]


DAMAGED = [
    ("a.jsonl", GOOD + b"\n" + GOOD + b"\n{cut\n" + GOOD, ["a.jsonl, line 3", "not JSON"]),
    ("a.jsonl", GOOD + b'\n{"id_str": "1", "text": "\xff"}', ["line 2", "not UTF-8"]),
    ("a.jsonl", GOOD + b"\n17", ["line 2", "not an object"]),
    ("a.jsonl", b'{"label": 1, "name": "x"}', ["line 1", "unknown column layout", "label, name"]),
    ("a.jsonl", b'{"id_str": "1", "label": 0}', ["line 1", "no text", "id_str, label"]),
    ("a.json", b'[{"id_str": "1", "text": "a"}]', ["line 1", "JSON array", "one object a line"]),
    ("a.jsonl", b"", ["a.jsonl", "no row"]),
    ("a.jsonl", b"\n \n", ["a.jsonl", "no row"]),
    ("a.jsonl", b'{"id_str": "1", "text": "' + b"a" * 1_200_000 + b'"}', ["line 1", "longer than"]),
    ("a.jsonl.gz", gzip.compress(GOOD * 500)[:-20], ["a.jsonl.gz", "can't be read"]),
    ("a.jsonl.gz", b"\x1f\x8bjunk", ["a.jsonl.gz", "can't be read"]),
    ("a.csv", b"", ["a.csv", "empty"]),
    ("a.csv", b"id_str,text\n", ["a.csv", "no row"]),
    ("a.csv", b"name,label\nx,1\n", ["line 1", "unknown column layout (name, label)", "id_str"]),
    ("a.csv", b"id_str,text\n1,ok\n2,too,many\n", ["line 3", "3 cells", "2"]),
    ("a.csv", b'id_str,text\n1,"never closed\n', ["a.csv, line"]),
    ("a.csv", b"id_str,text\n1,\xff\xfe\n", ["a.csv", "not UTF-8"]),
    ("a.csv", b"id_str,text\n1.2467E+18,rounded\n", ["line 2", "spreadsheet"]),
    ("a.parquet", b"not parquet", ["a.parquet", "not a readable parquet file"]),
    ("a.xlsx", b"PK\x03\x04", ["a.xlsx", "unknown kind of file", ".jsonl"]),
    ("nothing", b"", ["nothing", "empty"]),
]


@pytest.mark.parametrize(("name", "content", "says"), DAMAGED)
def test_damage_is_one_error_before_the_first_post(tmp_path, settings, name, content, says) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError) as error:
        next(DumpSource(settings, tmp_path / name).posts())
    for part in says:
        assert part in str(error.value)


def test_parquet_columns(tmp_path, settings) -> None:
    rows: list[tuple[dict, str]] = [
        ({"a": 1}, "unknown column layout"),
        ({"id": 1.5, "text": "a"}, "fractions"),
    ]
    for row, says in rows:
        parquet(tmp_path / "a.parquet", [row])
        with pytest.raises(SourceError, match=says):
            DumpSource(settings, tmp_path / "a.parquet").validate()


def test_absent_and_empty_paths(tmp_path, settings) -> None:
    with pytest.raises(SourceError, match="no such file or folder"):
        next(DumpSource(settings, tmp_path / "absent.jsonl").posts())
    with pytest.raises(SourceError, match="holds no file"):
        DumpSource(settings, tmp_path).fingerprint()


def test_real_dumps(settings, real_data) -> None:
    source = DumpSource(settings, real_data / "tweets" / "tweet_texts.jsonl.gz")
    posts = list(source.posts())
    share = sum(post.topic == settings.ai_topic for post in posts) / len(posts)
    assert len(posts) == 14_622
    assert 0.12 < share < 0.16
    assert DumpSource(settings, real_data / "tweets" / "stream_v1.1.jsonl.gz").validate() == 950
