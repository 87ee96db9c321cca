"""Where a stopped broker's new partitions are made to begin."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.backup.kafka_log import _begin_at, _note
from include.infra.errors import StackError


def partition(folder: Path, content: bytes = b"") -> Path:
    folder.mkdir()
    for suffix in ("log", "index", "timeindex"):
        (folder / f"{0:020d}.{suffix}").write_bytes(content if suffix == "log" else b"\x00" * 10)
    (folder / "partition.metadata").write_text("version: 0")
    return folder


def test_an_empty_partition_begins_at_the_position(tmp_path: Path) -> None:
    new = partition(tmp_path / "t-0")
    _begin_at(new, 123_456_789_012)
    assert sorted(path.name for path in new.iterdir()) == ["00000000123456789012.log", "partition.metadata"]
    unread = partition(tmp_path / "t-1")
    _begin_at(unread, 0)
    assert (unread / f"{0:020d}.log").exists()


def test_a_partition_with_messages_is_never_touched(tmp_path: Path) -> None:
    used = partition(tmp_path / "t-0", b"messages")
    before = sorted(path.name for path in used.iterdir())
    with pytest.raises(StackError, match="is no new partition"):
        _begin_at(used, 5)
    with pytest.raises(StackError, match="is no new partition"):
        _begin_at(tmp_path / "absent-0", 5)
    assert sorted(path.name for path in used.iterdir()) == before


def test_a_checkpoint_keeps_the_other_topics(tmp_path: Path) -> None:
    checkpoint = tmp_path / "recovery-point-offset-checkpoint"
    checkpoint.write_text("0\n3\nother 0 7\nt 0 0\nt 1 0\n")
    _note(checkpoint, {"t": {0: 5, 1: 0}, "new": {0: 9}})
    assert checkpoint.read_text() == "0\n4\nother 0 7\nt 0 5\nt 1 0\nnew 0 9\n"
    _note(tmp_path / "absent", {"t": {0: 5}})
    assert (tmp_path / "absent").read_text() == "0\n1\nt 0 5\n"
