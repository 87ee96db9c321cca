"""A model server of one's own for a while: models out of the store, on a free port of loopback.

The same server whatever production runs on, so that the gate judges both models alike on every target,
and production's server is not asked for a candidate before it is approved.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from include.infra.processes.ports import free_ports
from include.infra.processes.service import Service, listens, running
from include.model.registry.store import ModelStore
from include.serving.client import ServingClient
from include.serving.config import ModelConfig, write_config
from include.settings import PROJECT_ROOT, Settings

HOST = "127.0.0.1"
POLL_SECONDS = 0.1
REQUEST_SECONDS = 30.0


class ScoringServer:
    """A running server that has nothing loaded yet, and a client of it."""

    def __init__(self, settings: Settings, config: Path, client: ServingClient) -> None:
        self.client = client
        self._name, self._config = settings.model_name, config
        self._store = ModelStore(settings)
        self._versions: tuple[int, ...] = ()

    def load(self, version: int, timeout: float) -> float:
        """Load a stored version beside what is loaded; seconds that it took.

        Raises:
            NoModel: the store doesn't hold it.
            ServingError: it failed to load, or not in time.
            ServingUnavailable: the server is gone; loading it may have been too much.
        """
        self._store.path(version)
        self._versions = (*self._versions, version)
        began = time.monotonic()
        write_config(
            self._config, [ModelConfig(self._name, str(self._store.folder.resolve()), self._versions)]
        )
        self.client.wait_available(version, timeout)
        return time.monotonic() - began


@contextmanager
def scoring_server(settings: Settings) -> Iterator[ScoringServer]:
    """Run a server until the block is left.

    Raises:
        StackError: it did not start; with the end of its log.
    """
    with TemporaryDirectory(prefix="tweetsieve-scoring-") as folder:
        config, (port,) = Path(folder, "models.config"), free_ports(1, HOST)
        with (
            running(_service(config, port), Path(folder)),
            ServingClient(f"http://{HOST}:{port}", settings.model_name, REQUEST_SECONDS, 1) as client,
        ):
            yield ScoringServer(settings, config, client)


def _service(config: Path, port: int) -> Service:
    command = [
        sys.executable, "-m", "include.promotion.scoring.server_process",
        "--host", HOST,
        "--rest_api_port", str(port),
        "--model_config_file", str(config),
        "--model_config_file_poll_wait_seconds", str(POLL_SECONDS),
    ]  # fmt: skip
    path = os.pathsep.join(filter(None, [str(PROJECT_ROOT), os.environ.get("PYTHONPATH")]))
    return Service(
        name="scoring-server",
        command=command,
        environment={"PYTHONPATH": path},
        ready=lambda: listens(HOST, port),
        start_seconds=120,
    )
