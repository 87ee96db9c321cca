"""A backup is there as a whole or not at all, for its owner alone, and old ones go."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.backup.folder import (
    UNFINISHED,
    BackupUnderWay,
    complete_backups,
    forget_old_backups,
    make_private,
    named_backup,
    new_backup,
)
from include.backup.manifest import FILE, BadBackup
from include.errors import UserError


def make(backups: Path) -> Path:
    with new_backup(backups) as scratch:
        (scratch / FILE).write_text("{}")
        (scratch / FILE).chmod(0o644)
    return complete_backups(backups)[-1]


def fail(backups: Path) -> None:
    with new_backup(backups) as scratch:
        (scratch / FILE).write_text("{}")
        scratch.write_text("a folder takes no text")


def test_a_complete_backup_has_its_name_and_is_private(tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    first, second = make(backups), make(backups)  # within a second, as a rule
    assert first != second
    assert complete_backups(backups) == [first, second]
    assert backups.stat().st_mode & 0o777 == first.stat().st_mode & 0o777 == 0o700
    assert (first / FILE).stat().st_mode & 0o777 == 0o600


def test_nothing_is_left_of_one_that_fails_or_was_killed(tmp_path: Path) -> None:
    killed = tmp_path / f"{UNFINISHED}20260101T000000Z"
    killed.mkdir()
    (killed / FILE).write_text("{}")
    assert complete_backups(tmp_path) == []
    with pytest.raises(OSError, match="Is a directory"):
        fail(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    with new_backup(tmp_path), pytest.raises(BackupUnderWay, match="wait for its end"), new_backup(tmp_path):
        pass


def test_the_latest_are_kept_and_what_is_no_backup_is_left_alone(tmp_path: Path) -> None:
    names = [f"2026010{day}T000000Z" for day in range(1, 6)] + ["20260105T000000Z-2", "20260105T000000Z-10"]
    for name in [*names, "mine"]:
        (tmp_path / name).mkdir()
        (tmp_path / name / FILE).write_text("{}")
    (tmp_path / "20260109T000000Z").mkdir()  # without a manifest: not complete
    assert [path.name for path in forget_old_backups(tmp_path, 3)] == names[:4]
    assert [path.name for path in complete_backups(tmp_path)] == names[4:]
    assert forget_old_backups(tmp_path, 3) == []
    assert (tmp_path / "mine").is_dir()
    assert (tmp_path / "20260109T000000Z").is_dir()


def test_a_backup_is_found_by_name_or_path(tmp_path: Path) -> None:
    backup = make(tmp_path / "backups")
    assert named_backup(backup.parent, backup.name) == backup
    assert named_backup(tmp_path / "elsewhere", str(backup)) == backup


@pytest.mark.parametrize("name", ["", " ", "yesterday", ".", "20260101T000000Z"])
def test_one_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path, name: str) -> None:
    backup = make(tmp_path / "backups")
    with pytest.raises(BadBackup, match=f"there is no backup .*{backup.name}"):
        named_backup(backup.parent, name)


def test_a_folder_that_cant_be_made_is_refused_with_its_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="TWEETSIEVE_BACKUP_DIR"):
        make_private(tmp_path / "file" / "backups")
