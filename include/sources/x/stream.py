"""The live source: X's filtered stream through tweepy, or the local replay server in its place."""

from __future__ import annotations

import logging
import queue
import re
import threading
from collections.abc import Iterator
from typing import Any

import requests
import tweepy
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_after_delay,
    stop_when_event_set,
    wait_exponential,
)

from include.settings import Settings
from include.sources.interface.source import RawPost, SourceError
from include.sources.x.client import FilteredStream
from include.sources.x.rules import Rule, desired_rules, is_ours, rules_fingerprint
from include.sources.x.topic_routing import TopicRouter

log = logging.getLogger(__name__)

REPLAY_TOKEN = "replay"
"""The replay server accepts any token."""
_QUEUE = 10_000
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 320.0
"""Seconds between two attempts to connect."""
_RETRY = (requests.ConnectionError, requests.Timeout, tweepy.TwitterServerError, tweepy.TooManyRequests)


class XSource:
    """Posts of the filtered stream, across disconnects and bad payloads, until :meth:`stop`.

    tweepy reconnects with X's own back-off (0.25-16 s network, 5-320 s HTTP, from 60 s on 429); if its stream
    ends all the same, it is restarted after the rules have been reconciled.
    """

    live = True

    def __init__(
        self, settings: Settings, *, kind: str, base_url: str, token: str, patience: float = 10
    ) -> None:
        self.kind = kind
        self._patience = patience
        self._base_url = base_url.rstrip("/")
        self._token = token
        self._topics = TopicRouter(settings)
        self._stopped = threading.Event()
        self._received: queue.Queue[bytes] = queue.Queue(maxsize=_QUEUE)
        self.restarts = 0

    @classmethod
    def live_x(cls, settings: Settings) -> XSource:
        """X itself.

        Raises:
            SourceError: no token, or an impossible one; the message names the setting.
        """
        token = settings.x_bearer_token.get_secret_value().strip() if settings.x_bearer_token else ""
        if not token:
            raise SourceError(
                "source x needs a bearer token of the X API in TWEETSIEVE_X_BEARER_TOKEN; without one, the "
                "source replay (SOURCE=replay) is the same stream from a local server"
            )
        if not re.fullmatch(r"[\x21-\x7e]+", token):  # requests would quote it in its error
            raise SourceError("TWEETSIEVE_X_BEARER_TOKEN holds characters that no token has: copy it again")
        return cls(settings, kind="x", base_url=settings.x_api_url, token=token)

    @classmethod
    def replay(cls, settings: Settings, *, patience: float = 10) -> XSource:
        """The local replay server; ``patience``: how many seconds it may take to start."""
        url = f"http://{settings.host}:{settings.replay_port}"
        return cls(settings, kind="replay", base_url=url, token=REPLAY_TOKEN, patience=patience)

    def posts(self) -> Iterator[RawPost]:
        """Posts as they arrive, raw.

        Raises:
            SourceError: the server refuses the token or the rules, or does not answer at the start.
        """
        attempts = Retrying(
            retry=retry_if_exception_type(_RETRY),
            wait=wait_exponential(multiplier=_FIRST_WAIT, max=_LONGEST_WAIT),
            stop=stop_when_event_set(self._stopped) | stop_after_delay(self._patience),
            sleep=sleep_using_event(self._stopped),
            before_sleep=_log_attempt,
            reraise=True,
        )
        while not self._stopped.is_set():
            try:
                stream = attempts(self._connect)
            except _RETRY as error:
                if self._stopped.is_set():
                    return
                raise self._unreachable(error) from None
            except (tweepy.Unauthorized, tweepy.Forbidden) as error:
                raise self._refused(error.response.status_code) from None
            attempts.stop = stop_when_event_set(self._stopped)  # from now on it is waited for without limit
            yield from self._read(stream)
            if stream.refused:
                raise self._refused(stream.refused)
            self.restarts += 1

    def stop(self) -> None:
        """End :meth:`posts` within half a second; harmless from any thread and more than once."""
        self._stopped.set()

    def fingerprint(self) -> str:
        return f"{self.kind}:{rules_fingerprint(desired_rules())}"

    def parameters(self) -> dict[str, Any]:
        return {"url": self._base_url, "rules": len(desired_rules())}

    def _connect(self) -> FilteredStream:
        """A stream that is ready to listen, with the server's rules reconciled."""
        stream = FilteredStream(self._token, self._base_url, self._received, self._stopped)
        self._topics.rules = reconcile_rules(stream, desired_rules())
        return stream

    def _read(self, stream: FilteredStream) -> Iterator[RawPost]:
        """The posts of one tweepy stream, until its thread ends."""
        thread = stream.listen()
        try:
            while not self._stopped.is_set():
                try:
                    raw = self._received.get(timeout=0.25)
                except queue.Empty:
                    if not thread.is_alive():
                        return
                    continue
                yield self._topics.raw_post(raw)
        finally:
            stream.disconnect()

    def _unreachable(self, error: Exception) -> SourceError:
        what = f"{self._base_url} does not answer ({type(error).__name__})"
        if self.kind == "replay":
            return SourceError(f"{what}: start the replay server with `python -m include.sources.replay`")
        return SourceError(f"{what}: check the network, TWEETSIEVE_X_API_URL, and the API's rate limit")

    def _refused(self, status: int) -> SourceError:
        return SourceError(
            f"{self._base_url} refuses the filtered stream with HTTP {status}: the token in "
            "TWEETSIEVE_X_BEARER_TOKEN is wrong, or its project has no access or no credit"
        )


def _log_attempt(attempt: RetryCallState) -> None:
    error = attempt.outcome.exception() if attempt.outcome else None
    wait = attempt.next_action.sleep if attempt.next_action else 0
    log.warning("rules can't be checked (%s); next attempt in %.0f s", type(error).__name__, wait)


def reconcile_rules(stream: tweepy.StreamingClient, desired: list[Rule]) -> dict[str, str]:
    """Change this project's rules on the server to the desired ones, and return ``{id: tag}`` of them.

    Rules stay on the server between runs: they are compared and only the difference is sent. Rules of
    others (without an ``ai:`` or ``mix:`` tag) are left alone.

    Raises:
        SourceError: the server refuses a rule, quoting what it says.
    """
    present = _rules(stream)
    wanted = set(desired)
    stale = [rule.id for rule in present if is_ours(rule.tag) and Rule(rule.value, rule.tag) not in wanted]
    if stale:
        stream.delete_rules(stale)
    missing = wanted - {Rule(rule.value, rule.tag) for rule in present}
    if missing:
        answer = stream.add_rules([tweepy.StreamRule(r.value, r.tag) for r in sorted(missing)])
        if answer.errors:
            raise SourceError(f"the server refuses a rule of the filtered stream: {answer.errors[0]}")
    if stale or missing:
        log.info("rules of the filtered stream: %d added, %d removed", len(missing), len(stale))
        present = _rules(stream)
    return {str(rule.id): rule.tag for rule in present if is_ours(rule.tag)}


def _rules(stream: tweepy.StreamingClient) -> list[tweepy.StreamRule]:
    return stream.get_rules().data or []
