"""A real model server process for tests."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from include.infra.processes.service import Service, listens, running
from include.settings import PROJECT_ROOT


def command(port: int, config: Path, *flags: str) -> list[str]:
    return [
        *(sys.executable, "-m", "include.serving.local_server.server", "--rest_api_port", str(port)),
        *("--model_config_file", str(config), "--model_config_file_poll_wait_seconds", "0.1", *flags),
    ]


@contextmanager
def model_server(port: int, config: Path, logs: Path, *flags: str) -> Iterator[httpx.Client]:
    """Run a server until the block is left; yields a client whose ``.server`` is the process."""
    service = Service(
        name=f"model-server-{port}",
        command=command(port, config, *flags),
        environment={"PYTHONPATH": os.pathsep.join([str(PROJECT_ROOT), os.environ.get("PYTHONPATH", "")])},
        ready=lambda: listens("127.0.0.1", port),
    )
    with (
        running(service, logs) as child,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client,
    ):
        client.server = child  # type: ignore[attr-defined]
        yield client
