from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from include.infra.errors import StackError
from include.infra.processes.ports import free_ports, require_free
from include.settings import PROJECT_ROOT


def test_free_ports_are_different():
    assert len({*free_ports(20), *free_ports(20)}) == 40


ASK_FOR_IT = """
import sys
from include.infra.processes import ports
ports.PORTS = range(int(sys.argv[1]), int(sys.argv[1]) + 1)
print(ports.free_ports(1))
"""


def test_a_port_that_another_process_was_given_is_not_given_again():
    """Though nothing listens there yet."""
    (port,) = free_ports(1)
    asked = subprocess.run(
        [sys.executable, "-c", ASK_FOR_IT, str(port)], cwd=PROJECT_ROOT, capture_output=True, text=True
    )
    assert "no 1 free ports" in asked.stderr, asked.stdout


def test_a_taken_port_is_named_with_its_setting_and_its_holder():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(StackError) as caught:
            require_free([("kafka_port", port)], "127.0.0.1")
    message = str(caught.value)
    assert f"port {port} is taken" in message
    assert f"pid {os.getpid()}" in message
    assert "TWEETSIEVE_KAFKA_PORT=" in message


def test_every_taken_port_is_named_at_once():
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        wanted = [("kafka_port", one.getsockname()[1]), ("postgres_port", two.getsockname()[1])]
        with pytest.raises(StackError, match=r"(?s)TWEETSIEVE_KAFKA_PORT.*TWEETSIEVE_POSTGRES_PORT"):
            require_free(wanted, "127.0.0.1")


def test_free_ports_pass():
    require_free([("kafka_port", port) for port in free_ports(2)], "127.0.0.1")
