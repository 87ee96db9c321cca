"""Files on both sides of their limit."""

from __future__ import annotations

import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from include.housekeeping.files import ASIDE, DAY, LEFTOVERS, delete
from include.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    return Settings(_env_file=None, state_dir=tmp_path / "state")


def folder(path: Path, days: float, file: str = "part") -> Path:
    """A folder with a file, changed last so many days ago."""
    path.mkdir(parents=True)
    (path / file).write_text("12345")
    for one in (path / file, path):
        os.utime(one, (time.time() - days * DAY,) * 2)
    return path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_checkpoints_go_by_the_time_in_their_names(settings: Settings) -> None:
    checkpoints = settings.state_dir / "checkpoints" / "ai_tweets"
    now = datetime.now(UTC)
    for days in (0, 29, 31, 4000):
        folder(checkpoints / f"v1.aside-{now - timedelta(days=days):%Y%m%dT%H%M%S%f}", days=0)
    for name in ("v1", "v1.aside-mine", "v1.aside-", "v1.aside-20260231T000000", "v1.aside-99999999T999999"):
        folder(checkpoints / name, days=400)
    assert ASIDE.size(settings).count == 4
    assert ASIDE.outdated(settings, 30) == 2
    assert sum(ASIDE.remove(settings, 30)) == 2
    assert sum(ASIDE.remove(settings, 30)) == 0
    assert len(names(checkpoints)) == 7
    assert names(checkpoints) > {"v1", "v1.aside-mine", "v1.aside-"}


def test_leftovers_go_by_the_last_change_of_anything_in_them(settings: Settings) -> None:
    state = settings.state_dir
    gone = [
        folder(state / "exports" / "3" / ".export-abc", 3),
        folder(state / "labels" / "3.partial", 3),
        folder(state / "checkpoints" / "building_3_0123456789ab-xyz", 3),
        folder(Path(tempfile.gettempdir()) / "tweetsieve-scoring-abc", 3),
    ]
    kept = [
        folder(state / "exports" / "3" / ".export-new", 1),
        folder(state / "exports" / "3" / "post", 300),
        folder(state / "labels" / "3", 300),
        folder(state / "models" / "m" / "1", 300),
        folder(state / "checkpoints" / "ai_tweets" / "v1", 300),
        folder(state / "serving" / "m" / "1", 300),
        folder(Path(tempfile.gettempdir()) / "somebody-else", 300),
    ]
    at_work = folder(state / "exports" / "4" / ".export-large", 3)
    (at_work / "more").write_text("just now")
    os.utime(at_work, (0, 0))
    assert LEFTOVERS.size(settings).bytes >= 5 * 5
    assert sum(LEFTOVERS.remove(settings, 2)) == len(gone)
    assert [path for path in gone if path.exists()] == []
    assert [path for path in (*kept, at_work) if not path.exists()] == []


def test_no_state_folder_is_nothing_to_do(settings: Settings) -> None:
    assert (ASIDE.outdated(settings, 1), LEFTOVERS.outdated(settings, 1)) == (0, 0)


def test_a_link_is_removed_and_not_followed(tmp_path: Path) -> None:
    target = folder(tmp_path / "target", 0)
    link = tmp_path / "link"
    link.symlink_to(target)
    assert delete(link)
    assert not delete(link)
    assert names(target) == {"part"}
