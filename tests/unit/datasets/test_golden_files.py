"""Label files of every format, good and broken."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.datasets.golden_file_writer import SUFFIXES, write_labels
from include.datasets.golden_files import LabelFileError, LabelRow, read_labelled_texts, read_labels
from include.infra.input_files.problems import BadLine
from include.posts.values.ids import is_mangled, plain_id

ROWS = [("t1", 1, 'a, "quoted"\ntext', "ann", True), ("t2", 0, "b", "bob", False)]


@pytest.mark.parametrize("name", ["x.jsonl", "x.jsonl.gz", "x.csv", "x.csv.gz", "x.parquet"])
def test_what_is_written_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / "folder" / name
    assert write_labels(path, ROWS) == 2
    back = list(read_labels(path))
    assert all(isinstance(row, LabelRow) for row in back)
    assert [(row.id, row.label, row.text, row.annotator, row.hard) for row in back] == ROWS  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"label": 1}', "no id_str"),
        ('{"id_str": "a"}', "label None"),
        ('{"id_str": "a", "label": true}', "label True"),
        ('{"id_str": "a", "label": 1.0}', "label 1.0"),
        ('{"id_str": "a", "label": 1, "text": 5}', "must be strings"),
        ('{"id_str": "a", "label": 1, "text": "x\\u0000"}', "U+0000"),
        ('{"id_str": "a", "label": 1, "hard": "maybe"}', "hard 'maybe'"),
    ],
)
def test_a_broken_line_says_why(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(f"\n{line}\n")
    (row,) = read_labels(path)
    assert isinstance(row, BadLine)
    assert row.line == 2
    assert reason in row.reason


def test_numbers_and_digits_are_labels(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"id_str": 5, "label": "1"}\n{"id_str": "6", "label": 0}\n')
    assert [(row.id, row.label) for row in read_labels(path) if isinstance(row, LabelRow)] == [
        ("5", 1),
        ("6", 0),
    ]


def test_what_is_no_label_file_is_refused(tmp_path: Path) -> None:
    for name, content in (
        ("x.txt", b""),
        ("x.csv", b"a,b\n1,2\n"),
        ("x.parquet", b"nonsense"),
        ("x.jsonl.gz", b"not gzip"),
        ("y.jsonl.gz", gzip.compress(b'{"id_str": "a", "label": 1}\n' * 99)[:-12]),
        ("x.jsonl", b"\xff\xfe"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(LabelFileError, match=name):
            list(read_labels(tmp_path / name))
    with pytest.raises(LabelFileError, match="no such file"):
        list(read_labels(tmp_path / "absent.jsonl"))


GOOD = '{"id_str": "1", "text": "a", "label": 1}\n'


def test_texts_with_their_labels(tmp_path: Path) -> None:
    path = tmp_path / "golden.jsonl"
    path.write_text(GOOD + "\n" + GOOD.replace("1}", "0}"))
    texts, labels = read_labelled_texts(path)
    assert texts == ["a", "a"]
    assert labels.tolist() == [True, False]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nonsense", "line 2: not JSON"),
        ("[]", "line 2: not a JSON object"),
        ('{"id_str": "1", "label": 1}', "line 2: the column text is missing"),
        (
            '{"id_str": "1", "text": 5, "label": 1}',
            "line 2: text and annotator .* must be strings",
        ),
        ('{"id_str": "1", "text": "a", "label": 2}', "line 2: label 2"),
        ('{"id_str": "1", "text": "a", "label": true}', "line 2: label True"),
    ],
)
def test_where_every_row_is_needed_a_bad_one_is_an_error(line: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "golden.jsonl"
    path.write_text(GOOD + line + "\n")
    with pytest.raises(LabelFileError, match=says) as caught:
        read_labelled_texts(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "\ufeffid_str,label\n1,1\n2,0\n", []),
        ("a.jsonl", '\ufeff{"id_str":"1","label":1}\n{"id":2,"label":"0"}\n', []),
        ("a.csv", 'id_str;label;text\n="1";1;"a; b"\n\'2;0;c\n', []),
        ("a.csv", 'id_str,label,text\n1,1,"bent”\n2,0,second\n3,1,"third" x\n', [2, 4]),
        ("a.csv", 'id_str,label,text\n1,1,"bent”\n2,0,second 5"\n3,1,x\n', [2]),
        ("a.csv", 'id_str,label,text\n1,1,"open\n2,0,second\n', [2]),
        ("a.csv", "id_str,label,text\n1,1\n2,0,ok,more\n3,2,x\n4,0,ok\n", [2, 3, 4]),
        ("a.csv", "id_str,label\n1.24E+18,1\n1.24E18,0\n17.0,1\nnan,0\n", [2, 3, 4, 5]),
        ("a.jsonl", '{"id_str":1.24e18,"label":1}\n{"id_str":"1.24e+18","label":1}\n', [1, 2]),
        ("a.csv", "id_str,label\n1240291123456780000,1\n1240291123456790000,0\n", [3]),
        ("a.jsonl", '{"id_str":"1","label":[[1]],"hard":{}}\n{"id_str":"2","label":1,"hard":[]}\n', [1, 2]),
        ("a.jsonl", '{"id_str":"1","label":1,"text":"half \\ud83d"}\n', [1]),
        ("a.jsonl", '{"id_str":"' + "1" * 201 + '","label":1}\n', [1]),
    ],
)
def test_what_spreadsheets_and_people_do_to_label_files(
    tmp_path: Path, name: str, content: str, told: list[int]
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    rows = list(read_labels(path))
    assert [row.line for row in rows if isinstance(row, BadLine)] == told
    if not told:
        assert [(row.id, row.label) for row in rows if isinstance(row, LabelRow)] == [("1", 1), ("2", 0)]
    else:
        with pytest.raises(LabelFileError, match=f"line {told[0]}: .*(\\n|.)*nothing of it was taken"):
            read_labelled_texts(path)


def test_all_bad_lines_are_told_and_many_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "golden.jsonl"
    path.write_text(GOOD + '{"id_str": "2"}\n' * 30)
    with pytest.raises(LabelFileError) as caught:
        read_labelled_texts(path)
    told = str(caught.value).splitlines()
    assert told[0].startswith(f"{path}, line 2: label None")
    assert told[-2:] == ["and 10 more", "nothing of it was taken: correct or remove these 30 lines"]


HOSTILE = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
    | st.sampled_from(list("\"',;\r\n\t=”“01\ufeff\x85\u2028")),
    min_size=1,
    max_size=40,
)
IDS = HOSTILE.filter(lambda one: not is_mangled(one) and plain_id(one) == one) | st.integers(0, 10**17).map(
    str
)
LABELS = st.lists(st.tuples(IDS, st.integers(0, 1), HOSTILE, HOSTILE, st.booleans()), max_size=5)


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=50)
@given(rows=LABELS)
def test_any_label_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, rows: list[tuple]
) -> None:
    path = tmp_path_factory.getbasetemp() / f"round_trip{suffix}"
    assert write_labels(path, rows) == len(rows)
    back = [
        row for row in read_labels(path) if not (isinstance(row, BadLine) and "end in zeros" in row.reason)
    ]
    assert [tuple(row)[1:] for row in back] == rows


@pytest.mark.parametrize(
    ("folder", "told"), [("quote-swallows-labels", [[2], [2, 4]]), ("bom-in-label-files", [[]])]
)
def test_shared_label_files(real_data: Path, folder: str, told: list[list[int]]) -> None:
    files = [
        path for path in sorted((real_data / "faults" / folder).glob("*.csv")) if path.name != "dump.csv"
    ]
    if not files:
        pytest.skip(f"{folder} is absent")
    assert [[row.line for row in read_labels(path) if isinstance(row, BadLine)] for path in files] == told


def test_no_rows_and_no_file(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(LabelFileError, match="holds no labelled post"):
        read_labelled_texts(tmp_path / "empty.jsonl")
    with pytest.raises(LabelFileError, match="no such file"):
        read_labelled_texts(tmp_path / "none.jsonl")


@pytest.mark.parametrize(("column", "most"), [("text", 100_000), ("annotator", 80)])
def test_what_is_longer_than_any_text_or_name_is_told(tmp_path: Path, column: str, most: int) -> None:
    file = tmp_path / "a.jsonl"
    rows = [{"id_str": str(n), "label": 1, column: "x" * (most + extra)} for n, extra in ((1, 0), (2, 1))]
    file.write_text("\n".join(map(json.dumps, rows)))
    good, bad = read_labels(file)
    assert isinstance(good, LabelRow)
    assert isinstance(bad, BadLine)
    assert column in bad.reason
    assert str(most) in bad.reason
