"""tweepy's streaming client for any base URL, which no payload can end and which never logs its token."""

from __future__ import annotations

import logging
import queue
import re
import threading
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import requests
import tweepy

from include.sources.interface.source import SourceError

log = logging.getLogger(__name__)

X_HOST = "https://api.twitter.com"
"""The base URL in tweepy 4.17's code, for the rules and for the stream."""

STREAM_PARAMETERS: dict[str, list[str]] = {
    "tweet_fields": [
        "created_at", "lang", "entities", "referenced_tweets", "note_tweet", "attachments", "author_id",
    ],
    "expansions": ["referenced_tweets.id", "attachments.media_keys"],
    "media_fields": ["url", "preview_image_url"],
}  # fmt: skip
"""The fields that links and complete texts are read from. The author's id, by which all posts of an account
are forgotten, comes with the post; as an expansion, ``author_id`` would also be billed as a user.
"""

_TOKEN = re.compile(r"(Bearer\s+)[^\s'\"]+", re.IGNORECASE)
_LOGGERS = ("tweepy.client", "tweepy.streaming", "requests", "urllib3", "urllib3.connectionpool")


class FilteredStream(tweepy.StreamingClient):
    """A filtered stream that queues each line unchanged. No payload can end it."""

    def __init__(
        self, token: str, base_url: str, received: queue.Queue[bytes], stopped: threading.Event
    ) -> None:
        hide_token(token)
        super().__init__(token, daemon=True)
        self.session: _SessionAt = _SessionAt(base_url)
        self._received = received
        self._stopped = stopped
        self.refused: int | None = None
        """The HTTP status with which the server refused permanently."""

    def listen(self) -> threading.Thread:
        """Connect in a separate thread, which ends when the stream does."""
        thread = self.filter(threaded=True, **STREAM_PARAMETERS)
        assert thread is not None
        return thread

    def on_data(self, raw_data: bytes) -> None:
        """Queue a line without parsing it: an exception here would end the stream."""
        while not self._stopped.is_set():
            try:
                return self._received.put(raw_data.strip(), timeout=0.25)
            except queue.Full:  # the reader is slower: TCP's flow control slows down the server
                continue
        self.disconnect()
        return None

    def disconnect(self) -> None:
        """End the stream now, not at the next line: X allows one connection, and a new one may follow."""
        super().disconnect()
        self.session.hang_up()

    def on_keep_alive(self) -> None:
        if self._stopped.is_set():
            self.disconnect()

    def on_request_error(self, status_code: int) -> None:
        """Give up on permanent errors; end on 409 (no rules), so that the rules are reconciled."""
        log.warning("the filtered stream answers HTTP %d", status_code)
        if status_code in (400, 401, 402, 403, 404):
            self.refused = status_code
        if self.refused or status_code == 409 or self._stopped.is_set():
            self.disconnect()

    def on_exception(self, exception: Exception) -> None:
        log.error("the filtered stream ended: %s; it is restarted", type(exception).__name__)

    def on_connection_error(self) -> None:
        log.warning("the connection to the filtered stream broke")
        if self._stopped.is_set():
            self.disconnect()

    def on_closed(self, response: requests.Response) -> None:
        log.warning("the filtered stream was closed by the server")


class _SessionAt(requests.Session):
    """A session that sends to ``base_url`` the requests that tweepy sends to X."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SourceError(f"TWEETSIEVE_X_API_URL {base_url!r} is no http(s) URL")
        if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise SourceError(
                f"TWEETSIEVE_X_API_URL {base_url!r} would send the token unencrypted: use https"
            )
        self._base_url = base_url.rstrip("/")
        self._stream: requests.Response | None = None
        self.trust_env = parts.scheme == "https"  # no proxy on the loopback interface

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        url = self._base_url + str(url).removeprefix(X_HOST)
        response = super().request(method, url, *args, **options)
        self._stream = response if options.get("stream") else self._stream
        return response

    def hang_up(self) -> None:
        """Close the stream under the thread that waits for its next bytes."""
        if self._stream is not None:
            with suppress(ValueError, OSError, RuntimeError):  # closed already, or its connection released
                self._stream.raw.shutdown()


class _HidesToken(logging.Filter):
    """Masks the token in log records; tweepy logs its headers at debug level."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        hidden = _TOKEN.sub(r"\1***", message.replace(self._token, "***"))
        if hidden != message:
            record.msg, record.args = hidden, None
        return True


def hide_token(token: str) -> None:
    """Mask the token in the logs of tweepy and of its HTTP client, at any level."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(f, _HidesToken) and f._token == token for f in logger.filters):
            logger.addFilter(_HidesToken(token))
