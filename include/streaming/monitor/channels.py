"""Where alerts go: the log, a webhook in Slack's format, e-mail. No secret ever leaves a channel."""

from __future__ import annotations

import logging
import smtplib
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol

import httpx

from include.settings import Settings

log = logging.getLogger(__name__)

WEBHOOK_SECONDS = 5.0
MAIL_SECONDS = 10.0


class AlertNotDelivered(Exception):
    """A channel did not take an alert; the message gives the reason without addresses and passwords."""


class Channel(Protocol):
    """One way to reach people; ``stream_incident`` keeps its ``name``."""

    @property
    def name(self) -> str: ...

    def send(self, title: str, text: str) -> None:
        """Hand an alert over.

        Raises:
            AlertNotDelivered: it was not taken; asking again may help.
        """


@dataclass(frozen=True)
class LogChannel:
    """The monitor's own log."""

    name: str = "log"

    def send(self, title: str, text: str) -> None:
        log.warning("%s: %s", title, text)


@dataclass(frozen=True)
class WebhookChannel:
    """A webhook that takes ``{"text": ...}``, as Slack, Mattermost and Rocket.Chat do."""

    url: str
    name: str = "webhook"

    def __repr__(self) -> str:
        return "WebhookChannel(url=**********)"

    def send(self, title: str, text: str) -> None:
        try:
            answer = httpx.post(
                self.url, json={"text": f"*{_escaped(title)}*\n{_escaped(text)}"}, timeout=WEBHOOK_SECONDS
            )
        except (httpx.HTTPError, httpx.InvalidURL) as problem:  # its message may hold the address
            raise AlertNotDelivered(f"the webhook did not answer ({type(problem).__name__})") from None
        if not answer.is_success:
            raise AlertNotDelivered(f"the webhook answered {answer.status_code}")


@dataclass(frozen=True)
class MailChannel:
    """E-mail through the mail server of the settings."""

    settings: Settings
    name: str = "email"

    def send(self, title: str, text: str) -> None:
        message = EmailMessage()
        message["Subject"] = title
        message["From"] = self.settings.alert_email_from
        message["To"] = self.settings.alert_email_to
        message.set_content(text)
        try:
            with self._server() as server:
                server.send_message(message)
        except (smtplib.SMTPException, OSError) as problem:
            raise AlertNotDelivered(f"the mail server did not take it ({type(problem).__name__})") from None

    def _server(self) -> smtplib.SMTP:
        own = self.settings
        secure = own.smtp_port == smtplib.SMTP_SSL_PORT
        make = smtplib.SMTP_SSL if secure else smtplib.SMTP
        server = make(own.smtp_host, own.smtp_port, timeout=MAIL_SECONDS)
        try:
            if own.smtp_starttls:
                server.starttls()
            if own.smtp_user:
                server.login(own.smtp_user, own.smtp_password.get_secret_value())
        except (smtplib.SMTPException, OSError):
            server.close()
            raise
        return server


def channels_of(settings: Settings) -> list[Channel]:
    """The log always; webhook and e-mail where the settings name them."""
    channels: list[Channel] = [LogChannel()]
    if settings.alert_webhook and settings.alert_webhook.get_secret_value():
        channels.append(WebhookChannel(settings.alert_webhook.get_secret_value()))
    if settings.alert_email_to:
        channels.append(MailChannel(settings))
    return channels


def _escaped(text: str) -> str:
    """Slack's three control characters; else a post's ``<!channel>`` would call everybody.

    Source: https://api.slack.com/reference/surfaces/formatting#escaping

    >>> _escaped("<!channel> & co")
    '&lt;!channel&gt; &amp; co'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
