"""Which disks are looked at, and when there is too little room on one."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from include.infra.disk import GB, DiskSpace, disk_lines, disk_space, disks, shortage
from include.settings import Settings


@pytest.mark.parametrize(
    ("total", "free", "files", "said"),
    [
        (100, 50.0, 1.0, None),
        (100, 5.0, 1.0, None),  # as much as the limits ask for
        (100, 4.9, 1.0, "only 4.9 of 100 GB free (5%) at /srv"),
        (1000, 40.0, 1.0, "only 40.0 of 1000 GB free (4%) at /srv"),
        (100, 0.0, 1.0, "only 0.0 of 100 GB free (0%) at /srv"),
        (100, 50.0, 0.04, "only 4% of the files that the disk at /srv can hold are left"),
    ],
)
def test_too_little_is_bytes_a_share_or_files(
    total: int, free: float, files: float, said: str | None
) -> None:
    space = DiskSpace(Path("/srv"), total * GB, int(free * GB), files)
    assert shortage(space, Settings(_env_file=None)) == said


def test_the_limits_are_settings() -> None:
    space = DiskSpace(Path("/srv"), 100 * GB, 30 * GB)
    assert shortage(space, Settings(_env_file=None, alert_disk_free_gb=31)) is not None
    assert shortage(space, Settings(_env_file=None, alert_disk_free_share=0.31)) is not None
    tight = DiskSpace(Path("/srv"), 100 * GB, 0, 0.0)
    assert shortage(tight, Settings(_env_file=None, alert_disk_free_gb=0, alert_disk_free_share=0)) is None


def test_a_folder_that_is_not_there_yet_is_on_its_parents_disk(tmp_path: Path) -> None:
    space = disk_space(tmp_path / "a" / "b")
    assert space.folder == tmp_path
    assert 0 <= space.free <= space.total
    assert 0 < space.free_files <= 1


def test_each_disk_is_there_once(tmp_path: Path) -> None:
    found = disks(Settings(_env_file=None, state_dir=tmp_path, serving_root=tmp_path / "serving"))
    assert len({space.folder.stat().st_dev for space in found}) == len(found)
    assert found[0].folder == tmp_path


def test_status_says_what_is_free_and_what_to_do(tmp_path: Path) -> None:
    enough = Settings(_env_file=None, state_dir=tmp_path, alert_disk_free_gb=0, alert_disk_free_share=0)
    assert all(line.startswith("disk ") for line in disk_lines(enough))
    short = Settings(_env_file=None, state_dir=tmp_path, alert_disk_free_gb=10**9)
    assert any(
        line.startswith("warning: only ") and "clean_dataset" in line and str(short.backups_dir) in line
        for line in disk_lines(short)
    )


def test_a_full_disk_is_told_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk is full, Python finds no folder for temporary files; another one may not answer."""

    def nowhere() -> str:
        raise FileNotFoundError("No usable temporary directory found")

    def some_answer(folder: Path) -> DiskSpace:
        if folder.name == "models":
            raise OSError("stale file handle")
        return DiskSpace(tmp_path, 100 * GB, 0)

    monkeypatch.setattr(tempfile, "gettempdir", nowhere)
    monkeypatch.setattr("include.infra.disk.disk_space", some_answer)
    found = disk_lines(Settings(_env_file=None, state_dir=tmp_path))
    assert found[1].startswith("warning: only 0.0 of 100 GB free (0%) at")
