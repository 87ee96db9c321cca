"""A batch's folder: when a reader sees it, and what becomes of one that was left."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pyarrow as pa
import pytest
from pyarrow import csv, dataset, parquet

from include.streaming.results import POSITION
from include.streaming.sinks.base import DEAD, Batch, Receipt
from include.streaming.sinks.files import FileSink, FileStage

SCHEMA = pa.schema([*POSITION, pa.field("tags", pa.list_(pa.string()))])
BATCH = Batch("w", "q", 3)
NOTHING = pa.RecordBatch.from_pylist([], DEAD)


def sink(folder: Path, form: Literal["parquet", "csv"] = "parquet", committed: bool = False) -> FileSink:
    return FileSink("w", folder, form, SCHEMA, lambda _: committed)


def rows(first: int, count: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(
        [
            {"topic": "a", "kafka_partition": 0, "kafka_offset": offset, "tags": ['q"', "日本"]}
            for offset in range(first, first + count)
        ],
        SCHEMA,
    )


def write(stage: FileStage, attempt: int, first: int, count: int) -> Receipt:
    with stage.writer(attempt) as writer:
        writer.write(rows(first, count), NOTHING)
    return Receipt(attempt, {"rows": count})


def seen(folder: Path) -> list[int]:
    """Offsets that a reader finds who was only told the folder."""
    table = dataset.dataset(folder, format="parquet").to_table()
    return sorted(table.column("kafka_offset").to_pylist()) if table.num_columns else []


def test_a_reader_finds_a_batch_when_it_is_committed_and_no_attempt_that_failed(tmp_path: Path) -> None:
    files = sink(tmp_path)
    stage = files.stage(BATCH)
    write(stage, 1, 0, 5)
    receipts = [write(stage, 2, 0, 5), write(stage, 3, 5, 2), write(stage, 4, 7, 0)]
    assert seen(tmp_path) == []
    files.publish(BATCH, stage, receipts)
    assert seen(tmp_path) == []
    files.finish(BATCH, stage)
    assert seen(tmp_path) == list(range(7))
    assert sorted(path.name for path in (tmp_path / "q" / "3").iterdir()) == ["2.parquet", "3.parquet"]


def test_a_batch_that_is_published_again_replaces_itself(tmp_path: Path) -> None:
    files = sink(tmp_path)
    for attempt in (1, 2):
        stage = files.stage(BATCH)
        files.publish(BATCH, stage, [write(stage, attempt, 0, 5)])
    files.finish(BATCH, stage)
    assert seen(tmp_path) == list(range(5))


@pytest.mark.parametrize("committed", [True, False])
def test_what_a_crash_left_is_finished_where_it_was_committed_and_removed_elsewhere(
    committed: bool, tmp_path: Path
) -> None:
    files = sink(tmp_path, committed=committed)
    done = files.stage(Batch("w", "q", 2))
    files.publish(Batch("w", "q", 2), done, [write(done, 1, 0, 2)])
    files.finish(Batch("w", "q", 2), done)
    pending = files.stage(BATCH)
    files.publish(BATCH, pending, [write(pending, 1, 2, 3)])
    write(files.stage(Batch("w", "q", 4)), 1, 5, 9)
    files.start()
    assert seen(tmp_path) == list(range(5 if committed else 2))
    assert {path.name for path in (tmp_path / "q").iterdir()} == ({"2", "3"} if committed else {"2"})
    assert not (tmp_path / "_staging").exists()


def test_a_replay_under_way_is_left_alone(tmp_path: Path) -> None:
    files, batch = sink(tmp_path), Batch("w", "replay-1", 0)
    stage = files.stage(batch)
    files.publish(batch, stage, [write(stage, 1, 0, 2)])
    files.start()
    files.finish(batch, stage)
    assert seen(tmp_path) == [0, 1]


def test_csv_has_lists_as_json(tmp_path: Path) -> None:
    files = sink(tmp_path, "csv")
    stage = files.stage(BATCH)
    files.publish(BATCH, stage, [write(stage, 1, 0, 1)])
    files.finish(BATCH, stage)
    table = csv.read_csv(tmp_path / "q" / "3" / "1.csv")
    assert table.to_pylist() == [
        {"topic": "a", "kafka_partition": 0, "kafka_offset": 0, "tags": '["q\\"","日本"]'}
    ]


def test_parquet_keeps_the_schema(tmp_path: Path) -> None:
    files = sink(tmp_path)
    stage = files.stage(BATCH)
    files.publish(BATCH, stage, [write(stage, 1, 0, 1)])
    files.finish(BATCH, stage)
    assert parquet.read_schema(tmp_path / "q" / "3" / "1.parquet") == SCHEMA
