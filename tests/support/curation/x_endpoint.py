"""X's endpoint for reposts on this machine: what it was sent, and answers as a test chooses."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Endpoint:
    """POST /2/users/:id/retweets."""

    url: str
    status: int = 200
    body: Any = field(default_factory=lambda: {"data": {"retweeted": True, "rest_id": "99"}})
    sent: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)
    """Path, body and the header ``Authorization`` of each request."""


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    """Answers until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.sent.append((self.path, body, self.headers["Authorization"]))
            answer = json.dumps(found.body).encode()
            self.send_response(found.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Endpoint(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
