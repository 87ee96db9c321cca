from __future__ import annotations

import os
import socket

import pytest

from include.infra.errors import StackError
from include.infra.processes.ports import free_ports, require_free


def test_free_ports_are_different():
    assert len(set(free_ports(20))) == 20


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
