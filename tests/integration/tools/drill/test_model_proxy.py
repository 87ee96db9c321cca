"""The proxy before the model server, whose answers go wrong on demand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from include.infra.processes.ports import free_ports
from include.serving.client import ServingClient
from include.serving.errors import ServingError, ServingUnavailable
from tools.drill.testbed.proxy import ModelProxy


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    class Model(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = b'{"outputs": {"ai_prob": [0.5], "model_version": [3]}}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Model) as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


def test_the_proxy_passes_on_and_goes_wrong_on_demand(server: ThreadingHTTPServer) -> None:
    port = free_ports(1)[0]
    proxy = ModelProxy("127.0.0.1", port, server.server_port)
    with proxy.running(), ServingClient(f"http://127.0.0.1:{port}", "m", attempts=1) as client:
        assert client.predict(["a"]).probabilities == np.array([0.5])
        proxy.mode = "500"
        with pytest.raises(ServingError, match="500"):
            client.predict(["a"])
        proxy.mode = "NaN"
        with pytest.raises(ServingError, match="not a finite number"):
            client.predict(["a"])
        proxy.mode = "pass"
        server.shutdown()
        server.server_close()
        with pytest.raises(ServingUnavailable):
            client.predict(["a"])
