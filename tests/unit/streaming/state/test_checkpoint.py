from __future__ import annotations

import json
from pathlib import Path

import pytest

from include.streaming.state.checkpoint import KEPT_ASIDE, last_batch, reconcile


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """As Spark leaves it after batches 0, 9 and 10."""
    folder = tmp_path / "v1"
    (folder / "commits").mkdir(parents=True)
    (folder / "metadata").write_text(json.dumps({"id": "q"}))
    for name in ("0", "9", "10", ".10.crc"):
        (folder / "commits" / name).touch()
    return folder


def test_the_last_batch_is_the_largest_number(checkpoint: Path) -> None:
    assert last_batch(checkpoint) == ("q", 10)


def test_one_that_agrees_with_the_database_stays(checkpoint: Path) -> None:
    assert not reconcile(checkpoint, lambda query_id, batch_id: (query_id, batch_id) == ("q", 10))
    assert checkpoint.exists()


def test_one_ahead_of_the_database_is_put_aside(checkpoint: Path) -> None:
    assert reconcile(checkpoint, lambda query_id, batch_id: False)
    assert not checkpoint.exists()
    assert len(list(checkpoint.parent.glob("v1.aside-*"))) == 1


def test_one_that_cannot_be_read_is_put_aside(checkpoint: Path) -> None:
    (checkpoint / "metadata").write_text("{")
    assert reconcile(checkpoint, lambda query_id, batch_id: True)


def test_a_fresh_one_is_left_alone(tmp_path: Path) -> None:
    assert not reconcile(tmp_path / "v1", lambda query_id, batch_id: False)


def test_only_the_latest_ones_put_aside_are_kept(tmp_path: Path) -> None:
    for batch in range(KEPT_ASIDE + 2):
        (tmp_path / "v1" / "commits").mkdir(parents=True)
        (tmp_path / "v1" / "commits" / str(batch)).touch()  # and no metadata
        assert reconcile(tmp_path / "v1", lambda query_id, batch_id: True)
    kept = sorted(int(next((old / "commits").iterdir()).name) for old in tmp_path.glob("v1.aside-*"))
    assert kept == list(range(2, KEPT_ASIDE + 2))
