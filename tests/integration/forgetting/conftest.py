"""A database, a state folder and topics of one test's own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.local_stack.database.preparation import prepare_databases
from include.settings import Settings
from tests.support.schema.own_database import own_database


@pytest.fixture
def own(database: Settings, kafka: Settings, tmp_path: Path) -> Iterator[Settings]:
    mark = time.time_ns()
    changes = {
        "state_dir": tmp_path / "state",
        "backup_dir": tmp_path / "backups",
        "forget_folders": str(tmp_path / "folder"),
        "ai_topic": f"ai_{mark}",
        "mix_topic": f"mix_{mark}",
        "forgotten_topic": f"forgotten_{mark}",
        "kafka_partitions": 1,
    }
    (tmp_path / "folder").mkdir()
    with own_database(database, f"forget_{mark}") as made:
        settings = made.model_copy(update=changes)
        prepare_databases(settings)
        yield settings
