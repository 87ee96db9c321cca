"""A webhook's other end: keeps what it is sent, with the time of receipt."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """Answers every POST with 200, or refuses it; ``received`` holds (seconds since 1970, text)."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.received: list[tuple[float, str]] = []
        self.refuse = False
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if not receiver.refuse:
                    receiver.received.append((time.time(), json.loads(body)["text"]))
                self.send_response(501 if receiver.refuse else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer((host, port), Handler)
        self._server.daemon_threads = True
        self.url = f"http://{host}:{self._server.server_port}/hook/T0SECRET"

    @contextmanager
    def running(self) -> Iterator[Receiver]:
        """Listen until left."""
        threading.Thread(target=self._server.serve_forever, name="receiver", daemon=True).start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()

    def texts(self, part: str) -> list[str]:
        """What was received and contains ``part``."""
        return [text for _, text in self.received if part in text]
