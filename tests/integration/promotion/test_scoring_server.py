"""The model server of a scoring: it starts, loads, and ends with the process that started it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from include.infra.processes.service import listens
from include.model.registry.stored_model import StoredModel
from include.promotion.scoring.server import scoring_server
from include.settings import PROJECT_ROOT
from tests.support.models import tiny_models
from tests.support.waiting import await_true

pytestmark = pytest.mark.stack

START = """
import time
from include.promotion.scoring.server import scoring_server
with scoring_server("m") as server:
    print(server.client.base_url, flush=True)
    time.sleep(600)
"""


def test_a_model_is_loaded_beside_another(tmp_path: Path) -> None:
    for version in (1, 2):
        tiny_models.classifier(tmp_path / str(version), version)
    with scoring_server("m") as server:
        for version in (1, 2):
            assert server.load(StoredModel(version, tmp_path / str(version), {}), 120) > 0
        assert [server.client.predict(["ai"], version).model_version for version in (1, 2)] == [1, 2]


def test_it_ends_with_a_process_that_is_killed() -> None:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", START], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        assert parent.stdout is not None
        port = int(parent.stdout.readline().rpartition(":")[2])
        assert listens("127.0.0.1", port)
        parent.kill()
    await_true(lambda: not listens("127.0.0.1", port), 60)
