"""DNS rebinding on the real pages: a foreign host name with an Origin that fits it gets nothing."""

from __future__ import annotations

from http.client import HTTPConnection

import pytest

from include.infra.processes.service import running
from include.local_stack.programs import programs
from include.settings import Settings

pytestmark = pytest.mark.stack
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",  # RFC 6455's example
}


def ask(port: int, host: str, path: str, how: dict[str, str] | None = None) -> tuple[int, str]:
    """Status and text of the answer to a page that came by this host name."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path, headers={"Host": host, "Origin": f"http://{host}"} | (how or {}))
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize("page", ["tagger", "dashboard", "inbox"])
def test_a_foreign_name_gets_neither_page_nor_websocket(settings: Settings, page: str) -> None:
    (service,) = [one for one in programs(settings) if one.name == page]
    port = getattr(settings, f"{page}_port")
    with running(service, settings.logs_dir):  # its own check of health passes
        for host in (f"evil.example:{port}", "evil.example", f"localhost.evil.example:{port}"):
            for path in ("/", "/_stcore/health", "/_stcore/host-config", "/static/js/index.js", "/labels"):
                status, told = ask(port, host, path)
                assert (status, f"'{host}'" in told, "TWEETSIEVE_ALLOWED_HOSTS" in told) == (421, True, True)
            assert ask(port, host, "/_stcore/stream", HANDSHAKE)[0] == 421
        for host in (f"localhost:{port}", f"127.0.0.1:{port}"):
            assert ask(port, host, "/")[0] == 200
            assert ask(port, host, "/_stcore/stream", HANDSHAKE)[0] == 101
