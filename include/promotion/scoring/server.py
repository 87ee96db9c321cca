"""A model server for the time of a scoring: models out of the store, on a free port of loopback.

It is the same server whatever production runs on, so the gate judges both models alike for every target, and
production's server is not asked for a candidate before it is approved.
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
from include.model.registry.stored_model import StoredModel
from include.promotion.subjects.registry import subject_named
from include.serving.client import ServingClient
from include.serving.config import CONFIG_FILE, ModelConfig, write_config
from include.settings import PROJECT_ROOT

HOST = "127.0.0.1"
POLL_SECONDS = 0.1
REQUEST_SECONDS = 30.0


class ScoringServer:
    """A running server, empty at first, and a client of it."""

    def __init__(self, config: Path, client: ServingClient) -> None:
        self.config, self.client = config, client
        self._versions: tuple[int, ...] = ()

    def load(self, model: StoredModel, timeout: float) -> float:
        """Load a model beside what is loaded; returns the seconds that it took.

        Raises:
            ServingError: it failed to load, or not within ``timeout`` seconds.
            ServingUnavailable: the server is gone, perhaps because of the model.
        """
        began = time.monotonic()
        self._ask_for(model)
        self.client.wait_available(model.version, timeout)
        return time.monotonic() - began

    def _ask_for(self, model: StoredModel) -> None:
        self._versions = (*self._versions, model.version)
        base = str(model.folder.parent.resolve())
        write_config(self.config, [ModelConfig(self.client.model_name, base, self._versions)])


@contextmanager
def scoring_server(model_name: str) -> Iterator[ScoringServer]:
    """Run a server until the block is left.

    Raises:
        StackError: it did not start; with the end of its log.
    """
    with TemporaryDirectory(prefix="tweetsieve-scoring-") as folder:
        config, (port,) = Path(folder, CONFIG_FILE), free_ports(1, HOST)
        form = subject_named(model_name).form
        with (
            running(_service(config, port), Path(folder)),
            ServingClient(
                f"http://{HOST}:{port}", model_name, REQUEST_SECONDS, attempts=1, form=form
            ) as client,
        ):
            yield ScoringServer(config, client)


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
