"""Alerts leave by real HTTP and SMTP, and no secret leaves with a failure."""

from __future__ import annotations

import logging
import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes

import pytest

from include.infra.processes.ports import free_ports
from include.settings import Settings
from include.streaming.monitor.channels import AlertNotDelivered, MailChannel, WebhookChannel
from tools.drill.testbed.receiver import Receiver


class MailServer(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a message needs."""

    taken: list[bytes]

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self.server.taken.append(b"".join(iter(self.rfile.readline, b".\r\n")))  # type: ignore[attr-defined]
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return


@pytest.fixture
def mail_server() -> Iterator[socketserver.TCPServer]:
    with socketserver.TCPServer(("127.0.0.1", 0), MailServer) as server:
        server.taken = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_webhook_gets_slacks_format_with_hostile_text_disarmed() -> None:
    with Receiver().running() as receiver:
        WebhookChannel(receiver.url).send("ai_tweets: source error", "<!channel> & <https://evil.example>")
    assert [text for _, text in receiver.received] == [
        "*ai_tweets: source error*\n&lt;!channel&gt; &amp; &lt;https://evil.example&gt;"
    ]


def test_a_webhook_that_is_away_or_refuses_is_named_without_its_address(caplog) -> None:
    caplog.set_level(logging.DEBUG)
    secret = f"http://127.0.0.1:{free_ports(1)[0]}/hook/T0SECRET"
    with pytest.raises(AlertNotDelivered) as away:
        WebhookChannel(secret).send("title", "text")
    with Receiver().running() as receiver:
        receiver.refuse = True
        with pytest.raises(AlertNotDelivered, match="answered 501") as refused:
            WebhookChannel(receiver.url).send("title", "text")
    for problem in (away, refused):
        assert "SECRET" not in str(problem.value)
        assert problem.value.__cause__ is None
    assert "SECRET" not in repr(WebhookChannel(secret))


def test_a_mail_arrives(mail_server: socketserver.TCPServer) -> None:
    port = mail_server.server_address[1]
    own = Settings(_env_file=None, smtp_port=port, alert_email_to="ann@example.org, bob@example.org")
    MailChannel(own).send("[tweetsieve] ai_tweets: lag", "5 posts wait: 深い")
    (taken,) = mail_server.taken  # type: ignore[attr-defined]
    mail = message_from_bytes(taken)
    assert (mail["Subject"], mail["To"]) == (
        "[tweetsieve] ai_tweets: lag", "ann@example.org, bob@example.org",
    )  # fmt: skip
    assert mail.get_payload(decode=True).decode().strip() == "5 posts wait: 深い"  # type: ignore[union-attr]


def test_a_mail_server_that_is_away_is_named_without_its_password() -> None:
    own = Settings(
        _env_file=None,
        smtp_port=free_ports(1)[0],
        smtp_user="ann",
        smtp_password="hush",
        alert_email_to="a@b.c",
    )
    with pytest.raises(AlertNotDelivered, match="ConnectionRefusedError") as problem:
        MailChannel(own).send("title", "text")
    assert "hush" not in str(problem.value)
