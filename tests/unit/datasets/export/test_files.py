from __future__ import annotations

import csv
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from include.datasets.export.files import FORMATS, Row

COLUMNS = {
    "id": "text",
    "created_at": "timestamp with time zone",
    "links": "text[]",
    "weak_label": "smallint",
}
ROWS: list[Row] = [
    {
        "id": '=1+1,"\n',
        "created_at": datetime(2020, 4, 5, tzinfo=UTC),
        "links": ["a", 'b"'],
        "weak_label": None,
    },
    {"id": "@user 深い", "created_at": None, "links": [], "weak_label": 1},
]


def test_jsonl_and_parquet_hold_what_was_there(tmp_path: Path) -> None:
    FORMATS["jsonl"].write(tmp_path / "a", COLUMNS, [ROWS[:1], ROWS[1:]])
    with gzip.open(tmp_path / "a", "rt", encoding="utf-8") as file:
        read = [json.loads(line) for line in file]
    assert read == [{**ROWS[0], "created_at": "2020-04-05T00:00:00+00:00"}, ROWS[1]]

    FORMATS["parquet"].write(tmp_path / "b", COLUMNS, [ROWS[:1], ROWS[1:]])
    assert pq.read_table(tmp_path / "b").to_pylist() == ROWS


def test_csv_disarms_formulas(tmp_path: Path) -> None:
    FORMATS["csv"].write(tmp_path / "a", COLUMNS, [ROWS])
    with (tmp_path / "a").open(newline="", encoding="utf-8") as file:
        header, *read = csv.reader(file)
    assert header == list(COLUMNS)
    assert [row[0] for row in read] == ["'=1+1,\"\n", "'@user 深い"]
    assert json.loads(read[0][2]) == ["a", 'b"']


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_table_is_a_file_too(tmp_path: Path, name: str) -> None:
    FORMATS[name].write(tmp_path / "a", COLUMNS, [])
    assert (tmp_path / "a").is_file()
