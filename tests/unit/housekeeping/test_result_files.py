"""Old batches of the file sinks go; what a stream has not finished stays."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from include.housekeeping.files import DAY
from include.housekeeping.result_files import RESULT_FILES
from include.settings import Settings


def batch(path: Path, days: float) -> Path:
    path.mkdir(parents=True)
    (path / "1.parquet").write_text("12345")
    for one in (path / "1.parquet", path):
        os.utime(one, (time.time() - days * DAY,) * 2)
    return path


def test_committed_batches_go_by_their_last_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, folder = Settings(_env_file=None, state_dir=tmp_path), tmp_path / "elsewhere"
    monkeypatch.setenv("TWEETSIEVE_HIGGS_RESULTS", str(folder))
    gone = [batch(folder / "query" / "3", 400), batch(folder / "replay-ab", 400)]
    kept = [
        batch(folder / "query" / "4", 300),
        batch(folder / "query" / "_5", 400),
        batch(folder / "_staging" / "query-6", 400),
        batch(folder / "mine" / "notes", 400),
    ]
    assert RESULT_FILES.size(settings).count == 3
    assert RESULT_FILES.outdated(settings, 365) == 2
    assert sum(RESULT_FILES.remove(settings, 365)) == 2
    assert not any(path.exists() for path in gone)
    assert all(path.exists() for path in kept)
