"""A real model server process for tests."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from include.infra.processes.service import Service, listens, running
from include.settings import PROJECT_ROOT
from tests.support.waiting import await_true


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


def state(http: httpx.Client, name: str, version: int) -> str | None:
    """The state of a version; None where the server knows none."""
    answer = http.get(f"/v1/models/{name}/versions/{version}")
    return answer.json()["model_version_status"][0]["state"] if answer.status_code == 200 else None


def await_available(http: httpx.Client, name: str, version: int) -> None:
    """Wait until the server can answer with the version."""
    await_true(lambda: state(http, name, version) == "AVAILABLE")


def predict(http: httpx.Client, target: str, body: object) -> tuple[int, dict]:
    """Status and JSON of the answer to a prediction."""
    content = body if isinstance(body, (str, bytes)) else json.dumps(body)
    answer = http.post(f"/v1/models/{target}:predict", content=content)
    assert answer.headers["content-type"].startswith("application/json")
    return answer.status_code, json.loads(answer.content)


def log_of(folder: Path) -> str:
    """What a server wrote to its log."""
    return "".join(path.read_text() for path in folder.glob("*.log"))
