"""An archive on the path is read once in a worker's life."""

from __future__ import annotations

import importlib
import sys
import zipfile
import zipimport
from pathlib import Path

import pytest

from include.streaming.python_workers import keep_archives_read


@pytest.mark.parametrize("kept", [True, False])
def test_an_archive_is_not_read_for_each_task(
    kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "things.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("in_an_archive.py", "VALUE = 7")
        file.writestr("later_in_an_archive.py", "VALUE = 8")
    monkeypatch.syspath_prepend(archive)
    # Where False fails, this Python does no longer read at once, and the module can go.
    try:
        assert importlib.import_module("in_an_archive").VALUE == 7
        reads: list[str] = []
        read = vars(zipimport)["_read_directory"]

        def counted(path: str) -> object:
            reads.append(path)
            return read(path)

        monkeypatch.setattr(zipimport, "_read_directory", counted)
        if kept:
            keep_archives_read()
        importlib.invalidate_caches()
        assert (str(archive) in reads) is not kept
        assert importlib.import_module("later_in_an_archive").VALUE == 8
    finally:
        for name in ("in_an_archive", "later_in_an_archive"):
            sys.modules.pop(name, None)
