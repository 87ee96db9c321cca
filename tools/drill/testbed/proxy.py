"""A proxy before the real model server that lets its answers go wrong on demand."""

from __future__ import annotations

import http.client
import json
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Mode = Literal["pass", "500", "slow", "NaN"]

SLOW_SECONDS = 2.0
"""How much later each answer comes in the mode "slow"."""


class ModelProxy:
    """Forwards requests to a server; ``mode`` says what becomes of the answers.

    With the server away it closes the connection without an answer, as a killed server's kernel does.
    """

    def __init__(self, host: str, port: int, behind: int) -> None:
        self.mode: Mode = "pass"
        self._behind = (host, behind)
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                proxy._answer(self, b"")

            def do_POST(self) -> None:
                proxy._answer(self, self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *_: Any) -> None:
                """The report says enough."""

        self._server = ThreadingHTTPServer((host, port), Handler)
        self._server.daemon_threads = True

    @contextmanager
    def running(self) -> Iterator[ModelProxy]:
        """Serve until left."""
        thread = threading.Thread(target=self._server.serve_forever, name="proxy", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        try:
            status, content = self._ask(handler, body)
        except (OSError, http.client.HTTPException):
            handler.close_connection = True
            return
        if self.mode == "500":
            status, content = 500, b'{"error": "out of cheese"}'
        elif self.mode == "slow":
            time.sleep(SLOW_SECONDS)
        elif self.mode == "NaN":
            content = _without_numbers(content)
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _ask(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(*self._behind, timeout=60)
        try:
            connection.request(handler.command, handler.path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def _without_numbers(content: bytes) -> bytes:
    """The answer with NaN for every number that is not an integer, as TF Serving writes it.

    >>> _without_numbers(b'{"outputs": {"p": [0.5, 1e-3], "version": [3, 3]}}')
    b'{"outputs": {"p": [NaN, NaN], "version": [3, 3]}}'
    """
    return json.dumps(json.loads(content, parse_float=lambda _: math.nan)).encode()
