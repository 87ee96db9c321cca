"""TLS in front of a PostgreSQL whose build has none, such as the embedded one: as a pooler does it.

Source: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.running.certificates import Pair

SSL_REQUEST = bytes([0, 0, 0, 8, 4, 210, 22, 47])


@contextmanager
def tls_proxy(port: int, server: int, pair: Pair, ca: Path) -> Iterator[None]:
    """Take clients that begin with TLS and show a certificate of ``ca``; hand on what they say."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    context.load_verify_locations(ca)
    context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server(("127.0.0.1", port), backlog=64) as listener:
        threading.Thread(target=_accept, args=(listener, server, context), daemon=True).start()
        yield
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, server: int, context: ssl.SSLContext) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_serve, args=(client, server, context), daemon=True).start()


def _serve(client: socket.socket, server: int, context: ssl.SSLContext) -> None:
    with suppress(OSError), client:
        if client.recv(8, socket.MSG_WAITALL) != SSL_REQUEST:
            return
        client.sendall(b"S")
        with (
            context.wrap_socket(client, server_side=True) as secure,
            socket.create_connection(("127.0.0.1", server)) as behind,
        ):
            _exchange(secure, behind)


def _exchange(secure: ssl.SSLSocket, behind: socket.socket) -> None:
    """By one thread: TLS is not for two at once."""
    while True:
        ready = [secure] if secure.pending() else select.select([secure, behind], [], [])[0]
        for source, target in ((secure, behind), (behind, secure)):
            if source in ready:
                data = source.recv(65_536)
                if not data:
                    return
                target.sendall(data)
