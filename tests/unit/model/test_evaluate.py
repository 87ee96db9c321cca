"""Reading a file of golden labels."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.model.evaluate import BadGoldenFile, read_golden_file

GOOD = '{"id_str": "1", "text": "a", "label": 1}\n'


def test_good_rows(tmp_path: Path) -> None:
    file = tmp_path / "golden.jsonl"
    file.write_text(GOOD + "\n" + GOOD.replace("1}", "0}"))
    texts, labels = read_golden_file(file)
    assert texts == ["a", "a"]
    assert labels.tolist() == [True, False]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nonsense", "line 2: not JSON"),
        ("[]", "line 2: not a JSON object"),
        (
            '{"id_str": "1", "label": 1}',
            "line 2: the column text is missing \\(columns there: id_str, label\\)",
        ),
        ('{"id_str": "1", "text": 5, "label": 1}', "line 2: text is 5"),
        ('{"id_str": "1", "text": "a", "label": 2}', "line 2: label is 2"),
        ('{"id_str": "1", "text": "a", "label": true}', "line 2: label is True"),
        ('{"id_str": "1", "text": "a", "label": "1"}', "line 2: label is '1'"),
    ],
)
def test_bad_rows_name_file_and_line(line: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "golden.jsonl"
    file.write_text(GOOD + line + "\n")
    with pytest.raises(BadGoldenFile, match=says) as caught:
        read_golden_file(file)
    assert str(file) in str(caught.value)


def test_no_rows_and_no_file(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(BadGoldenFile, match="holds no labelled post"):
        read_golden_file(tmp_path / "empty")
    with pytest.raises(BadGoldenFile, match="can't be read"):
        read_golden_file(tmp_path / "none")
