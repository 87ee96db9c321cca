"""What a manifest must say, and what is noticed of a backup's files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from include.backup.manifest import FILE, BadBackup, Manifest, check_files, described, read_manifest


def quiet(_: str) -> None:
    """Progress lines are of no interest here."""


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Two files, with their manifest."""
    files = []
    for name, content in (("a.dump", b"rows" * 100), ("b.tar", b"")):
        (tmp_path / name).write_bytes(content)
        files.append(described(tmp_path / name, "something", 7))
    Manifest("2026-01-01T00:00:00Z", "0004", {"postgresql": "18.4"}, {"t": {0: 5}}, files).write(tmp_path)
    return tmp_path


def changed(backup: Path, **values: Any) -> None:
    manifest = json.loads((backup / FILE).read_text())
    (backup / FILE).write_text(json.dumps({**manifest, **values}))


def test_what_was_written_is_read_again_and_every_file_is_as_it_was(backup: Path) -> None:
    manifest = read_manifest(backup)
    assert (manifest.revision, manifest.kafka, manifest.unpacked) == ("0004", {"t": {0: 5}}, 14)
    assert [file.bytes for file in manifest.files] == [400, 0]
    check_files(backup, manifest, quiet)


def test_no_answer_of_kafka_is_not_an_empty_one(backup: Path) -> None:
    changed(backup, kafka=None)
    assert read_manifest(backup).kafka is None
    changed(backup, kafka={})
    assert read_manifest(backup).kafka == {}


def test_every_damaged_file_is_named(backup: Path) -> None:
    manifest = read_manifest(backup)
    (backup / "a.dump").write_bytes(b"rowz" + b"rows" * 99)
    (backup / "b.tar").unlink()
    with pytest.raises(BadBackup, match=r"a\.dump has another SHA-256; b\.tar is missing: choose another"):
        check_files(backup, manifest, quiet)
    (backup / "a.dump").write_bytes(b"rows")
    (backup / "b.tar").symlink_to("a.dump")
    with pytest.raises(BadBackup, match=r"a\.dump has 4 bytes, not 400; b\.tar is missing"):
        check_files(backup, manifest, quiet)


def test_a_later_format_is_refused(backup: Path) -> None:
    changed(backup, format=2)
    with pytest.raises(BadBackup, match="made by a later release, in format 2"):
        read_manifest(backup)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"format": 1}',
        '{"format": "x"}',
        '{"format": null}',
        "\x00",
        "[" * 100_000,
    ],
)
def test_a_manifest_that_is_none_is_refused(backup: Path, text: str) -> None:
    (backup / FILE).write_text(text)
    with pytest.raises(BadBackup, match=r"manifest\.json is damaged"):
        read_manifest(backup)


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "a/b", "", ".", "..", FILE])
def test_a_file_elsewhere_is_refused(backup: Path, name: str) -> None:
    file = {"name": name, "holds": "x", "bytes": 1, "sha256": "0", "unpacked": 1}
    changed(backup, files=[file])
    with pytest.raises(BadBackup, match="damaged"):
        read_manifest(backup)


def test_a_folder_without_a_manifest_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(BadBackup, match="no complete backup"):
        read_manifest(tmp_path)
