"""How the server starts, and how it ends without losing a request."""

from __future__ import annotations

import signal
import socket
import subprocess
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

from include.infra.processes.ports import free_ports
from include.infra.processes.service import listens
from include.serving.config import ModelConfig, write_config
from tests.support.models import tiny_models
from tests.support.models.model_server import command, model_server, state
from tests.support.waiting import await_true

pytestmark = pytest.mark.stack


def test_no_request_is_lost_when_the_server_is_asked_to_end(tmp_path: Path) -> None:
    """One that is under way at that moment, on a kept connection, or of a late caller."""
    port = free_ports(1)[0]
    tiny_models.half_plus(tmp_path / "half" / "1", 2)
    write_config(tmp_path / "config", [ModelConfig("half", str(tmp_path / "half"), (1,), {"stable": 1})])
    flags = ("--drain_seconds", "8")
    with (
        model_server(port, tmp_path / "config", tmp_path / "logs", *flags) as client,
        socket.create_connection(("127.0.0.1", port), timeout=60) as under_way,
    ):
        await_true(lambda: state(client, "half", 1) == "AVAILABLE")
        kept = HTTPConnection("127.0.0.1", port, timeout=20)
        assert post(kept) == (200, None)
        begin_request(under_way)
        client.server.send_signal(signal.SIGTERM)  # type: ignore[attr-defined]
        await_true(lambda: post(kept) == (200, "close"))
        assert post(HTTPConnection("127.0.0.1", port, timeout=20)) == (200, "close"), "a late caller"
        await_true(lambda: not listens("127.0.0.1", port))
        under_way.sendall(BODY)
        assert under_way.recv(1000).startswith(b"HTTP/1.1 200")
        assert client.server.wait(60) == 0  # type: ignore[attr-defined]


BODY = b'{"instances": [1.0]}'


def begin_request(connection: socket.socket) -> None:
    """Send a request's head and wait until it is being handled."""
    head = f"POST /v1/models/half:predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(BODY)}\r\n"
    connection.sendall((head + "Expect: 100-continue\r\n\r\n").encode())
    assert connection.recv(1000).startswith(b"HTTP/1.1 100")


def post(kept: HTTPConnection) -> tuple[int, str | None]:
    """Status and Connection header of an answer; only a connection that the server closed is opened again."""
    kept.request("POST", "/v1/models/half:predict", BODY)
    answer = kept.getresponse()
    answer.read()
    return answer.status, answer.headers["Connection"]


@pytest.mark.parametrize(
    ("broken", "until"), [(False, "all_loaded"), (True, "all_loaded"), (True, "loaded")], ids=str
)
def test_the_port_can_stay_closed_until_models_are_loaded(tmp_path: Path, broken: bool, until: str) -> None:
    """All of them, or as with TensorFlow Serving one of each model."""
    port = free_ports(1)[0]
    tiny_models.half_plus(tmp_path / "half" / "1", 2)
    make = tiny_models.broken if broken else lambda folder: tiny_models.half_plus(folder, 3)
    make(tmp_path / "half" / "2")
    write_config(tmp_path / "config", [ModelConfig("half", str(tmp_path / "half"), (1, 2), {"stable": 1})])
    flags = (f"--open_when_{until}", "--model_config_file_poll_wait_seconds", "0")
    with subprocess.Popen(command(port, tmp_path / "config", *flags), stderr=subprocess.PIPE) as server:
        await_true(lambda: server.poll() is not None or listens("127.0.0.1", port))
        if broken and until == "all_loaded":
            assert server.wait(60) == 1
            assert server.stderr is not None
            assert b"model(s) did not become available: half version 2" in server.stderr.read()
            return
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            assert state(client, "half", 1) == "AVAILABLE"
            await_true(lambda: state(client, "half", 2) == ("END" if broken else "AVAILABLE"))
        server.terminate()


def test_a_taken_port_is_named(http: httpx.Client, tmp_path: Path) -> None:
    port = http.base_url.port
    assert port is not None
    ended = subprocess.run(command(port, tmp_path / "none"), capture_output=True, text=True, timeout=300)
    assert ended.returncode == 1
    assert f"127.0.0.1:{port}" in ended.stderr
    assert "TWEETSIEVE_SERVING_PORT" in ended.stderr


def test_a_broken_first_configuration_is_named(tmp_path: Path) -> None:
    config = tmp_path / "models.config"
    config.write_text("what is this")
    ended = subprocess.run(command(free_ports(1)[0], config), capture_output=True, text=True, timeout=300)
    assert ended.returncode == 1
    assert str(config) in ended.stderr
