"""What a restore refuses, before it changes anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from include.backup.archives import pack
from include.backup.create import AIRFLOW, KEYS, MAIN, MODELS, SERVED
from include.backup.manifest import BadBackup, Manifest, described
from include.backup.preconditions import RestoreRefused
from include.backup.restore import restore
from include.infra.processes import supervisor
from include.schema.revision import latest_revision
from include.settings import Settings


def quiet(_: str) -> None:
    """Progress lines are of no interest here."""


def backup(folder: Path, *, revision: str = "", postgresql: str = "18.4", without: str = "") -> Path:
    """A backup whose dumps are none: no test here comes so far."""
    folder.mkdir()
    files = []
    for name in (MAIN, AIRFLOW, MODELS, SERVED, KEYS):
        pack(folder / name, folder / "nothing")
        files += [described(folder / name, "x", 1)] if name != without else []
    software = {"postgresql": postgresql}
    Manifest("2026-01-01T00:00:00Z", revision or latest_revision(), software, {}, files).write(folder)
    return folder


def own(tmp_path: Path, **values: Any) -> Settings:
    return Settings(_env_file=None, state_dir=tmp_path / "state", **values)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"revision": "9999"}, "of a later release: its tables are at revision 9999"),
        ({"postgresql": "19.1"}, "PostgreSQL 19, later than 18"),
        ({"without": AIRFLOW}, "it has no airflow.dump"),
    ],
)
def test_what_this_release_cant_restore_is_refused(tmp_path: Path, changes: dict, message: str) -> None:
    source = backup(tmp_path / "backup", **changes)
    with pytest.raises(BadBackup, match=message):
        restore(source, own(tmp_path), quiet)
    assert [path.name for path in tmp_path.iterdir()] == ["backup"]


def test_a_damaged_backup_changes_nothing(tmp_path: Path) -> None:
    source = backup(tmp_path / "backup")
    (source / MODELS).write_bytes(b"")
    with pytest.raises(BadBackup, match=r"models\.tar has 0 bytes"):
        restore(source, own(tmp_path), quiet)
    assert [path.name for path in tmp_path.iterdir()] == ["backup"]


@pytest.mark.parametrize("name", ["postgres", "kafka", "models", "logs", "summary.json", "checkpoints"])
def test_a_state_folder_with_data_is_never_overwritten(tmp_path: Path, name: str) -> None:
    settings = own(tmp_path)
    (settings.state_dir / name).mkdir(parents=True)
    with pytest.raises(RestoreRefused, match=f"holds data \\({name}\\).*clean-state"):
        restore(backup(tmp_path / "backup"), settings, quiet)
    assert [path.name for path in settings.state_dir.iterdir()] == [name]


@pytest.mark.parametrize("setting", ["model_store", "serving_root"])
def test_a_folder_of_models_elsewhere_is_never_overwritten(tmp_path: Path, setting: str) -> None:
    settings = own(tmp_path, **{setting: tmp_path / "elsewhere"})
    (tmp_path / "elsewhere" / "m").mkdir(parents=True)
    with pytest.raises(RestoreRefused, match="elsewhere holds data"):
        restore(backup(tmp_path / "backup"), settings, quiet)


def test_a_running_stack_is_told_to_stop_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "alive", lambda _: True)
    with pytest.raises(RestoreRefused, match="make down"):
        restore(backup(tmp_path / "backup"), own(tmp_path), quiet)


def test_no_room_is_told_with_what_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Manifest, "unpacked", 10**18)
    with pytest.raises(RestoreRefused, match="takes about 1000000000"):
        restore(backup(tmp_path / "backup"), own(tmp_path), quiet)
