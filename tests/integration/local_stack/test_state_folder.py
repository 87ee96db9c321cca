"""Kafka reads its configuration as it was meant, whatever the state folder is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.local_stack import kafka
from include.settings import Settings

pytestmark = pytest.mark.stack


def test_kafka_keeps_its_data_inside_the_state_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own tool reads the configuration and makes the folder, also where the machine has no locale."""
    for name in ("LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", "C")
    settings = Settings(_env_file=None, state_dir=tmp_path / "jürgen's \\n #1 = 100% 日本")
    kafka.prepare(settings)
    assert (kafka.data_dir(settings) / "data" / "meta.properties").is_file()
    assert list(tmp_path.iterdir()) == [settings.state_dir], "something lies beside the state folder"
