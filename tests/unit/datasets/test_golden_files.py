"""Label files of every format, good and broken."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from include.datasets.golden_files import (
    BadRow,
    LabelFileError,
    LabelRow,
    read_labelled_texts,
    read_labels,
    write_labels,
)

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
    assert isinstance(row, BadRow)
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


def test_no_rows_and_no_file(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(LabelFileError, match="holds no labelled post"):
        read_labelled_texts(tmp_path / "empty.jsonl")
    with pytest.raises(LabelFileError, match="no such file"):
        read_labelled_texts(tmp_path / "none.jsonl")
