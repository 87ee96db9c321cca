"""The live source: X's filtered stream through tweepy, or the local replay server in its place."""

from __future__ import annotations

import logging
import queue
import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import requests
import tweepy

from include.settings import Settings
from include.sources.interface.source import RawPost, SourceError
from include.sources.x.client import FilteredStream
from include.sources.x.rules import Rule, desired_rules, fingerprint, is_ours
from include.sources.x.topic_routing import TopicOfPayload

log = logging.getLogger(__name__)

REPLAY_TOKEN = "replay"
"""Any token will do there."""
_QUEUE = 10_000
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 320.0
_RETRY = (requests.ConnectionError, requests.Timeout, tweepy.TwitterServerError, tweepy.TooManyRequests)


class XSource:
    """Posts of the filtered stream; goes on until :meth:`stop`, over disconnects and bad payloads.

    tweepy reconnects with X's own back-off (0.25-16 s network, 5-320 s HTTP, from 60 s on 429); should
    its stream end all the same, it is started anew with the rules put right.
    """

    live = True

    def __init__(
        self, settings: Settings, *, kind: str, base_url: str, token: str, patience: float = 10
    ) -> None:
        self.kind = kind
        self._patience = patience
        self._base_url = base_url.rstrip("/")
        self._token = token
        self._topics = TopicOfPayload(settings)
        self._stopped = threading.Event()
        self._received: queue.Queue[bytes] = queue.Queue(maxsize=_QUEUE)
        self.restarts = 0

    @classmethod
    def live_x(cls, settings: Settings) -> XSource:
        """X itself.

        Raises:
            SourceError: no token, or one that can't be one, naming the setting.
        """
        token = settings.x_bearer_token.get_secret_value().strip() if settings.x_bearer_token else ""
        if not token:
            raise SourceError(
                "source x needs a bearer token of the X API in TWEETSIEVE_X_BEARER_TOKEN; without one, the "
                "source replay (SOURCE=replay) is the same stream from a local server"
            )
        if not re.fullmatch(r"[\x21-\x7e]+", token):  # requests would quote it in its error
            raise SourceError("TWEETSIEVE_X_BEARER_TOKEN holds characters that no token has: copy it anew")
        return cls(settings, kind="x", base_url=settings.x_api_url, token=token)

    @classmethod
    def replay(cls, settings: Settings, *, patience: float = 10) -> XSource:
        """The local replay server; ``patience`` is for how many seconds it may still be starting."""
        url = f"http://{settings.host}:{settings.replay_port}"
        return cls(settings, kind="replay", base_url=url, token=REPLAY_TOKEN, patience=patience)

    def posts(self) -> Iterator[RawPost]:
        """Posts as they arrive, raw.

        Raises:
            SourceError: the server refuses the token or the rules, or does not answer at the start.
        """
        wait, connected_once, give_up = _FIRST_WAIT, False, time.monotonic() + self._patience
        while not self._stopped.is_set():
            stream = FilteredStream(self._token, self._base_url, self._received, self._stopped)
            try:
                self._topics.rules = reconcile(stream, desired_rules())
            except _RETRY as error:
                if not connected_once and time.monotonic() >= give_up:
                    raise self._unreachable(error) from None
                log.warning("rules can't be checked (%s); next try in %.0f s", type(error).__name__, wait)
                self._stopped.wait(wait)
                wait = min(2 * wait, _LONGEST_WAIT)
                continue
            except (tweepy.Unauthorized, tweepy.Forbidden) as error:
                raise self._refused(error.response.status_code) from None
            wait, connected_once = _FIRST_WAIT, True
            yield from self._read(stream)
            if stream.refused:
                raise self._refused(stream.refused)
            self.restarts += 1

    def stop(self) -> None:
        """End :meth:`posts` within half a second; harmless from any thread and more than once."""
        self._stopped.set()

    def fingerprint(self) -> str:
        return f"{self.kind}:{fingerprint(desired_rules())}"

    def parameters(self) -> dict[str, Any]:
        return {"url": self._base_url, "rules": len(desired_rules())}

    def _read(self, stream: FilteredStream) -> Iterator[RawPost]:
        """Posts of one connection of tweepy's, until its thread ends."""
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
        return SourceError(f"{what}: see to the network, TWEETSIEVE_X_API_URL, or the API's rate limit")

    def _refused(self, status: int) -> SourceError:
        return SourceError(
            f"{self._base_url} refuses the filtered stream with HTTP {status}: the token in "
            "TWEETSIEVE_X_BEARER_TOKEN is wrong, or its project has no access or no credit"
        )


def reconcile(stream: tweepy.StreamingClient, desired: list[Rule]) -> dict[str, str]:
    """Make the server's rules of this project the desired ones, and return ``{id: tag}`` of them.

    Rules stay on the server between runs: they are compared and only the difference is sent. Rules of
    somebody else (no ``ai:`` or ``mix:`` tag) are left alone.

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
