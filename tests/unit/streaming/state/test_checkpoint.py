"""Which checkpoints a workload goes on from, and which are put aside."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from include.infra.kafka.offsets import Positions
from include.streaming.state import checkpoint as module
from include.streaming.state.checkpoint import KEPT_ASIDE, put_aside, reconcile

QUERY = "6d1f2a0e-0000-4000-8000-000000000001"
LOWS: Positions = {"t": {0: 0, 1: 0}}


def ends(batch: int) -> Positions:
    """How far batch 0, 1, 2 and so on of the checkpoint reach."""
    return {"t": {0: 10 * (batch + 1), 1: 5 * (batch + 1)}}


def plan(folder: Path, batch: int) -> None:
    offsets = json.dumps({"t": {str(p): offset for p, offset in ends(batch)["t"].items()}})
    (folder / "offsets" / str(batch)).write_text(f'v1\n{{"batchWatermarkMs":0}}\n{offsets}')


def finish(folder: Path, batch: int) -> None:
    (folder / "commits" / str(batch)).write_text('v1\n{"nextBatchWatermarkMs":0}')


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """As Spark leaves it when batches 9 and 10 are done."""
    folder = tmp_path / "v1"
    for name in ("offsets", "commits"):
        (folder / name).mkdir(parents=True)
        (folder / name / ".10.crc").write_bytes(b"crc")
    (folder / "metadata").write_text(json.dumps({"id": QUERY}))
    for batch in (9, 10):
        plan(folder, batch)
        finish(folder, batch)
    return folder


def committed(*batches: int) -> Callable[[str, int], bool]:
    return lambda query_id, batch_id: query_id == QUERY and batch_id in batches


def aside(folder: Path) -> int:
    return len(list(folder.parent.glob(f"{folder.name}.aside-*")))


def test_one_that_agrees_with_the_database_stays(checkpoint: Path) -> None:
    assert not reconcile(checkpoint, ends(10), LOWS, committed(9, 10))
    assert checkpoint.exists()


def test_one_with_an_unfinished_batch_stays(checkpoint: Path) -> None:
    plan(checkpoint, 11)
    assert not reconcile(checkpoint, ends(10), LOWS, committed(9, 10))


def test_one_whose_unfinished_batch_is_committed_stays(checkpoint: Path) -> None:
    plan(checkpoint, 11)
    assert not reconcile(checkpoint, ends(11), LOWS, committed(9, 10, 11))


def test_one_with_partitions_that_were_added_since_stays(checkpoint: Path) -> None:
    start: Positions = {"t": {**ends(10)["t"], 2: 0}, "another": {0: 3}}  # where the partitions begin
    assert not reconcile(checkpoint, start, {"t": {0: 0, 1: 0, 2: 0}, "another": {0: 3}}, committed(10))


def test_one_ahead_of_the_database_is_put_aside(checkpoint: Path) -> None:
    assert reconcile(checkpoint, ends(9), LOWS, committed(9))
    assert not checkpoint.exists()
    assert aside(checkpoint) == 1


def test_one_behind_the_database_is_put_aside(checkpoint: Path) -> None:
    assert reconcile(checkpoint, ends(14), LOWS, committed(9, 10, 11, 12, 13, 14))


def test_one_that_retention_has_passed_is_put_aside(checkpoint: Path) -> None:
    beyond: Positions = {"t": {0: ends(10)["t"][0] + 1, 1: 0}}
    start: Positions = {"t": {0: beyond["t"][0], 1: ends(10)["t"][1]}}
    assert reconcile(checkpoint, start, beyond, committed(9, 10))


def test_one_whose_unfinished_batch_lost_its_messages_is_put_aside(checkpoint: Path) -> None:
    plan(checkpoint, 11)
    assert reconcile(checkpoint, ends(11), ends(11), committed(9, 10, 11))


def written(place: str, content: str | bytes) -> Callable[[Path], object]:
    data = content.encode() if isinstance(content, str) else content
    return lambda folder: (folder / place).write_bytes(data)


def removed(place: str) -> Callable[[Path], object]:
    return lambda folder: (folder / place).rename(folder.parent / "elsewhere")


def a_folder_instead(folder: Path) -> None:
    (folder / "metadata").unlink()
    (folder / "metadata").mkdir()


def two_plans_ahead(folder: Path) -> None:
    plan(folder, 11)
    plan(folder, 12)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "no metadata": removed("metadata"),
    "metadata cut short": written("metadata", '{"id"'),
    "metadata of nothing": written("metadata", "null"),
    "metadata without id": written("metadata", "{}"),
    "an id that is none": written("metadata", '{"id": 7}'),
    "metadata too deep": written("metadata", "[" * 100_000),
    "metadata is a folder": a_folder_instead,
    "no last plan": removed("offsets/10"),
    "no plans": removed("offsets"),
    "last plan empty": written("offsets/10", b""),
    "last plan of zeros": written("offsets/10", bytes(90)),
    "plan of another kind": written("offsets/10", 'v1\n{}\n{"t": 5}'),
    "plan with text": written("offsets/10", 'v1\n{}\n{"t": {"0": "x"}}'),
    "plan with null": written("offsets/10", 'v1\n{}\n{"t": {"0": null}}'),
    "plan without a source": written("offsets/10", "v1\n{}"),
    "plan of fewer partitions": written("offsets/10", 'v1\n{}\n{"t": {"0": 110}}'),
    "plan too deep": written("offsets/10", "v1\n{}\n" + "[" * 100_000),
    "last commit empty": written("commits/10", b""),
    "last commit not text": written("commits/10", b"\xff\xfe\x00"),
    "no commits": removed("commits"),
    "a batch too many": written("commits/12", "v1\n{}"),
    "two plans ahead": two_plans_ahead,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_one_is_put_aside(damage: Callable[[Path], object], checkpoint: Path) -> None:
    damage(checkpoint)
    assert reconcile(checkpoint, ends(10), LOWS, committed(9, 10))
    assert not checkpoint.exists()
    assert aside(checkpoint) == 1


def test_a_file_too_large_to_be_spark_s_is_not_read(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_FILE_BYTES", 10)
    assert reconcile(checkpoint, ends(10), LOWS, committed(9, 10))


def test_a_file_in_its_place_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / "v1").write_text("no folder")
    assert reconcile(tmp_path / "v1", ends(10), LOWS, committed())


@pytest.mark.parametrize("made", [False, True])
def test_a_fresh_one_is_left_alone(made: bool, tmp_path: Path) -> None:
    if made:
        (tmp_path / "v1" / "offsets").mkdir(parents=True)
        (tmp_path / "v1" / "metadata").write_text(json.dumps({"id": QUERY}))
    assert not reconcile(tmp_path / "v1", ends(0), LOWS, committed())


def test_only_the_latest_ones_put_aside_are_kept(tmp_path: Path) -> None:
    for number in range(KEPT_ASIDE + 2):
        (tmp_path / "v1").mkdir()
        (tmp_path / "v1" / str(number)).touch()
        put_aside(tmp_path / "v1", "a test")
    kept = sorted(int(next(old.iterdir()).name) for old in tmp_path.glob("v1.aside-*"))
    assert kept == list(range(2, KEPT_ASIDE + 2))


def test_there_may_be_nothing_to_put_aside(tmp_path: Path) -> None:
    put_aside(tmp_path / "v1", "a test")
    assert not list(tmp_path.iterdir())
