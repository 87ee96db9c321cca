"""Import and export of golden labels."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from include.annotation.labels.importing import ImportRefused, import_labels
from include.annotation.labels.transfer import export_labels, main
from include.settings import Settings
from tests.support.annotators import VERSION, someone

pytestmark = pytest.mark.stack


def write(path: Path, rows: Sequence[dict[str, object] | str]) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def test_import_twice_adds_once(tagger: psycopg.Connection, database: Settings, tmp_path: Path) -> None:
    rows = [
        {"id_str": f"{VERSION}-test-0", "label": 1, "hard": True},
        {"id_str": f"{VERSION}-test-1", "label": 0},
        {"id_str": "elsewhere", "label": 1, "text": f"only in the file {uuid4().hex}"},
    ]
    path = write(tmp_path / "golden.jsonl", rows)
    annotator = someone()
    first = import_labels(path, VERSION, database, annotator)
    again = import_labels(path, VERSION, database, annotator)
    assert (first.read, first.added, first.unchanged) == (3, 3, 0)
    assert (again.read, again.added, again.unchanged) == (3, 0, 3)


def test_bad_rows_are_told_by_line_and_nothing_is_taken(
    tagger: psycopg.Connection, database: Settings, tmp_path: Path
) -> None:
    good = f"{VERSION}-test-2"
    rows: list[dict[str, object] | str] = [
        {"id_str": good, "label": 1},
        {"id_str": "unknown", "label": 1},
        {"id_str": f"{VERSION}-test-3", "label": 2},
        '{"id_str": ',
        {"id_str": good, "label": 1},
        {"id_str": good, "label": 0},
        {"id_str": "nul", "label": 1, "text": "a\x00b"},
    ]
    path = write(tmp_path / "bad.jsonl", rows)
    annotator = someone()
    with pytest.raises(ImportRefused) as refused:
        import_labels(path, VERSION, database, annotator)
    assert [bad.line for bad in refused.value.report.problems] == [2, 3, 4, 5, 6, 7]
    assert "line 3: label 2" in str(refused.value)
    count = "SELECT count(*) FROM label_event WHERE annotator = %s"
    assert tagger.execute(count, [annotator]).fetchone() == (0,)
    taken = import_labels(path, VERSION, database, annotator, partial=True)
    assert (taken.added, len(taken.problems)) == (1, 6)
    assert tagger.execute(count, [annotator]).fetchone() == (1,)


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz", "out.csv", "out.csv.gz", "out.parquet"])
def test_an_export_comes_back_as_it_was(
    tagger: psycopg.Connection, database: Settings, tmp_path: Path, name: str
) -> None:
    annotator = someone()
    rows = [
        {"id_str": f"{VERSION}-test-{place}", "label": place % 2, "hard": place == 3} for place in range(5)
    ]
    import_labels(write(tmp_path / "in.jsonl", rows), VERSION, database, annotator)
    written = export_labels(tmp_path / name, database)
    back = import_labels(tmp_path / name, VERSION, database)
    assert (back.read, back.added) == (written, 0)
    assert written >= 5


def test_the_command_line_tells_what_is_wrong(
    tagger: psycopg.Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "bad.jsonl", [{"id_str": "unknown", "label": 1}])
    assert main(["import", str(path), "--version", str(VERSION)]) == 2
    assert "line 1: id_str 'unknown' is not in raw_tweet_dataset_910001" in capsys.readouterr().err
    assert main(["import", str(path), "--version", str(VERSION), "--partial"]) == 0
    assert main(["import", str(path), "--version", "-1"]) == 2
    assert main(["import", str(tmp_path / "none.jsonl"), "--version", "0"]) == 2
