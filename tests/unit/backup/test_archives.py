"""Folders in tar files: complete, and never out of their place."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from include.backup.archives import pack, unpack
from include.backup.manifest import BadBackup


def test_a_folder_comes_back_as_it_was_without_what_is_unfinished(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    (folder / "m" / "1" / "assets").mkdir(parents=True)
    (folder / "m" / ".training-2").mkdir()
    (folder / "m" / ".training-2" / "x").write_text("half")
    (folder / "m" / "1" / "saved_model.pb").write_bytes(b"12345")
    (folder / "m" / "1" / "saved_model.pb").chmod(0o644)
    (folder / "m" / "1" / "again.pb").hardlink_to(folder / "m" / "1" / "saved_model.pb")
    (folder / "grüße 🙂").symlink_to(folder / "m" / "1" / "saved_model.pb")
    (folder / "m").chmod(0o755)
    (folder / "m" / "1").chmod(0o777)
    assert pack(tmp_path / "a.tar", folder) == 15
    unpack(tmp_path / "a.tar", tmp_path / "back")
    found = sorted(str(path.relative_to(tmp_path / "back")) for path in (tmp_path / "back").rglob("*"))
    assert found == ["grüße 🙂", "m", "m/1", "m/1/again.pb", "m/1/assets", "m/1/saved_model.pb"]
    assert (tmp_path / "back" / "m" / "1" / "saved_model.pb").stat().st_mode & 0o777 == 0o644
    modes = [(tmp_path / "back" / name).stat().st_mode & 0o777 for name in ("m", "m/1")]
    assert modes == [0o755, 0o755]
    assert (tmp_path / "back" / "grüße 🙂").read_bytes() == b"12345"
    assert not (tmp_path / "back" / "grüße 🙂").is_symlink()


def test_a_folder_that_is_not_there_is_empty_and_only_the_named_entries_are_taken(tmp_path: Path) -> None:
    assert pack(tmp_path / "none.tar", tmp_path / "absent") == 0
    unpack(tmp_path / "none.tar", tmp_path / "back")
    assert list((tmp_path / "back").iterdir()) == []
    (tmp_path / "keys.json").write_text("{}")
    (tmp_path / "other").write_text("other")
    assert pack(tmp_path / "keys.tar", tmp_path, ["keys.json", "passwords.json"]) == 2


@pytest.mark.parametrize(
    ("name", "kind", "target"),
    [
        ("../out", tarfile.REGTYPE, ""),
        ("link", tarfile.SYMTYPE, "/etc/passwd"),
        ("link", tarfile.SYMTYPE, "beside"),  # harmless, but none of ours
        ("link", tarfile.LNKTYPE, "/etc/passwd"),
        ("d", tarfile.FIFOTYPE, ""),
    ],
)
def test_what_we_never_put_there_is_refused(tmp_path: Path, name: str, kind: bytes, target: str) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    with tarfile.open(tmp_path / "bad.tar", "w") as tar:
        tar.addfile(member, io.BytesIO())
    with pytest.raises(BadBackup, match=r"bad\.tar"):
        unpack(tmp_path / "bad.tar", tmp_path / "state" / "models")
    assert not (tmp_path / "state" / "out").exists()


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.tar").write_bytes(b"no archive")
    with pytest.raises(BadBackup, match=r"bad\.tar"):
        unpack(tmp_path / "bad.tar", tmp_path / "back")
