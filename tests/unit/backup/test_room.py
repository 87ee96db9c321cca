"""Whether there is room for a backup."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.backup.room import _size, require_room
from include.errors import UserError
from include.settings import Settings


def test_without_room_nothing_begins_and_what_is_needed_is_told(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, state_dir=tmp_path / "state", alert_disk_free_gb=0)
    require_room(settings, {"database a": 1000})
    with pytest.raises(UserError, match=r"may take 1000000000\.00 GB \(database a 1000000000\.00 GB\)"):
        require_room(settings, {"database a": 10**18})


def test_a_folder_takes_what_its_files_take_and_none_takes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_bytes(b"12345")
    (tmp_path / "dangling").symlink_to("nowhere")
    assert _size(tmp_path) == 5
    assert _size(tmp_path / "absent") == 0
