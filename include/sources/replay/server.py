"""The server of ``include.sources.replay``: rules and stream, with injected faults.

It answers like X: 401 without a bearer token, 409 without rules, 429 to a second connection.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from include.errors import UserError
from include.infra.allowed_hosts import REFUSED, AllowedHosts
from include.posts.values import json_value
from include.settings import Settings
from include.sources.replay.faults import DISCONNECT, MALFORMED, Behaviour, disconnect
from include.sources.replay.rule_book import RuleBook
from include.sources.replay.rule_language import Candidate

log = logging.getLogger(__name__)


Posts = Iterator[tuple[dict[str, Any], Candidate]]
"""Payloads without matching rules, and what rules match."""


class ReplayFailed(Exception):
    """The posts' source failed while its posts were sent; the server ended with it."""


@dataclass
class Replay:
    """The state of one server: rules, the position in the posts, counts of what was sent."""

    posts: Posts
    behaviour: Behaviour
    rng: random.Random
    book: RuleBook = field(default_factory=RuleBook)
    connected: bool = False
    connects: int = 0
    delivered: int = 0
    malformed: int = 0
    unsendable: int = 0
    failure: Exception | None = None
    """What ended the posts' source. A generator that raised gives no more: the server stops, too."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def application(self, hosts: AllowedHosts) -> web.Application:
        app = web.Application(middlewares=[_only_asked_for(hosts), _bearer_token])
        app.router.add_get("/2/tweets/search/stream/rules", self.get_rules)
        app.router.add_post("/2/tweets/search/stream/rules", self.change_rules)
        app.router.add_get("/2/tweets/search/stream", self.stream)
        app.router.add_get("/status", self.status)
        return app

    async def get_rules(self, request: web.Request) -> web.Response:
        return _json(200, self.book.listing())

    async def change_rules(self, request: web.Request) -> web.Response:
        try:
            body = orjson.loads(await request.read())
            wanted, ids = body.get("add"), body.get("delete", {}).get("ids")
        except (orjson.JSONDecodeError, AttributeError):
            return _problem(400, "Invalid Request", "the body is no JSON object of add or delete")
        dry_run = request.query.get("dry_run", "").lower() == "true"
        if isinstance(wanted, list) and wanted:
            return _json(*self.book.add(wanted, dry_run=dry_run))
        if isinstance(ids, list) and ids:
            return _json(*self.book.delete(ids, dry_run=dry_run))
        return _problem(400, "Invalid Request", "give either add or delete.ids")

    async def status(self, request: web.Request) -> web.Response:
        numbers = {"connects": self.connects, "delivered": self.delivered, "malformed": self.malformed}
        numbers["unsendable"] = self.unsendable
        return _json(200, numbers | {"rules": len(self.book.rules)})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        self.connects += 1
        if self.connects <= self.behaviour.fail_connects:
            return _problem(self.behaviour.fail_status, "Injected failure", "by option --fail-connects")
        if not self.book.rules:
            return _problem(409, "RuleConfigurationIssue", "no rules have been defined")
        if self.connected:
            return _problem(429, "ConnectionException", "TooManyConnections")
        self.connected = True
        response = web.StreamResponse(headers={"Content-Type": "application/json; charset=utf-8"})
        response.enable_chunked_encoding()
        try:
            await response.prepare(request)
            await self._deliver(response)
            await response.write_eof()
        except ConnectionError:
            log.info("the client hung up after %d posts", self.delivered)
        finally:
            self.connected = False
        return response

    async def _deliver(self, response: web.StreamResponse) -> None:
        """Send lines until the injected disconnect, or until the server or the client stops."""
        behaviour, sent, silence = self.behaviour, 0, 0.0
        while not self.stopping.is_set():
            try:
                line = self._next_line()
            except Exception as error:  # noqa: BLE001 - whatever it is, a silent stream would hide it
                await self._fail(response, error)
                return
            if line is None:
                silence += await self._pause(0.25)
                if silence >= behaviour.keep_alive:
                    await response.write(b"\r\n")
                    silence = 0.0
                continue
            if self.rng.random() < behaviour.malformed:
                self.malformed += 1
                await response.write(self.rng.choice(MALFORMED) + b"\r\n")
            await response.write(line + b"\r\n")
            self.delivered += 1
            sent, silence = sent + 1, 0.0
            if behaviour.disconnect_every and sent >= behaviour.disconnect_every:
                await response.write(DISCONNECT + b"\r\n")
                return
            await self._pause(1 / behaviour.rate if behaviour.rate else 0)

    async def _pause(self, seconds: float) -> float:
        """Sleep, but no longer than until the server stops."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds) if seconds else await asyncio.sleep(0)
        return seconds

    def _next_line(self) -> bytes | None:
        """The next post that matches a rule; None at the end, or if none of the next 500 posts does."""
        for _ in range(500):
            payload, candidate = next(self.posts, (None, None))
            if payload is None or candidate is None:
                return None
            if rules := self.book.matching(candidate):
                if self.rng.random() < self.behaviour.untagged:
                    rules = [{"id": rule["id"]} for rule in rules]
                if line := self._line(payload | {"matching_rules": rules}):
                    return line
        return None

    def _line(self, payload: dict[str, Any]) -> bytes | None:
        """The payload as sent; None for one that was read, but that nobody could read again."""
        try:
            return json_value.dump(payload)
        except ValueError as error:
            self.unsendable += 1
            log.warning("a post is not sent, %d so far: it %s", self.unsendable, error)
            return None

    def raise_failure(self) -> None:
        """Raise what ended the posts' source, if anything did: a UserError as it is, else ReplayFailed."""
        if isinstance(self.failure, UserError):
            raise self.failure
        if self.failure is not None:
            raise ReplayFailed(f"{type(self.failure).__name__}: {self.failure}") from self.failure

    async def _fail(self, response: web.StreamResponse, error: Exception) -> None:
        """Tell the client, and by the server's end whoever started it."""
        self.failure = error
        log.error("the posts' source failed (%s: %s): the server stops", type(error).__name__, error)
        self.stopping.set()
        await response.write(disconnect(f"The replay's source failed: {type(error).__name__}.") + b"\r\n")


def _only_asked_for(hosts: AllowedHosts) -> Middleware:
    @web.middleware
    async def checked(request: web.Request, handler: Handler) -> web.StreamResponse:
        if (refused := hosts.refusal(request.headers.getall("Host", []))) is not None:
            return _problem(REFUSED, "Misdirected Request", refused.strip())
        return await handler(request)

    return checked


@web.middleware
async def _bearer_token(request: web.Request, handler: Any) -> web.StreamResponse:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if request.path != "/status" and (scheme.lower() != "bearer" or not token.strip()):
        return _problem(401, "Unauthorized", "Unauthorized")
    return await handler(request)


def _json(status: int, body: dict[str, Any]) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json")


def _problem(status: int, title: str, detail: str) -> web.Response:
    return _json(status, {"title": title, "detail": detail, "type": "about:blank", "status": status})


async def serve(replay: Replay, settings: Settings, port: int, *, ready: asyncio.Event | None = None) -> None:
    """Serve until ``replay.stopping`` is set.

    Raises:
        OSError: the port is taken.
        ReplayFailed: the source of the posts failed.
        UserError: it failed on an input that a person has to correct.
    """
    runner = web.AppRunner(
        replay.application(AllowedHosts.of(settings)),
        access_log=None,
        shutdown_timeout=2,
        handler_cancellation=True,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, port).start()
        log.info("replay of X's filtered stream on http://%s:%d", settings.host, port)
        if ready:
            ready.set()
        await replay.stopping.wait()
    finally:
        await runner.cleanup()
        log.info("delivered %d posts, %d malformed lines", replay.delivered, replay.malformed)
    replay.raise_failure()
