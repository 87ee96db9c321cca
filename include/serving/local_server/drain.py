"""Ending an HTTP server without cutting a caller off.

A kept connection may carry a request at the very moment in which the server closes it as idle: the caller
then sees a reset, and can't know whether it was heard. And those who send new connections may not know yet
that this server ends. So for some seconds after the signal everything is still answered, on old connections
and new ones, with ``Connection: close`` (RFC 9112, 9.6). Callers that come by more often lose none.
"""

from __future__ import annotations

import asyncio
import logging
import time

from aiohttp import web

log = logging.getLogger("tweetsieve.serving")

POLL_SECONDS = 0.02


class Drain:
    """The end of one server: it counts requests, marks answers, and waits after the signal.

    Args:
        seconds: between the signal and the end; kept connections that are idle for longer are closed.
        answer_seconds: what a request under way may take at most.
    """

    def __init__(self, seconds: float, answer_seconds: float = 15.0) -> None:
        self._seconds, self._answer_seconds = seconds, answer_seconds
        self._requests = 0
        self._begun = False

    def __enter__(self) -> None:
        self._requests += 1

    def __exit__(self, *_: object) -> None:
        self._requests -= 1

    def mark(self, response: web.Response) -> None:
        """Have the caller open a new connection for the next request, which another server will take."""
        if self._begun:
            response.force_close()

    async def callers(self) -> None:
        """Return when everybody had the time to go elsewhere."""
        self._begun = True
        await asyncio.sleep(self._seconds)
        log.info("drained for %g s; requests under way: %d", self._seconds, self._requests)

    async def requests(self) -> None:
        """Return when no request is under way, or the last one had its time."""
        deadline = time.monotonic() + self._answer_seconds
        while self._requests and time.monotonic() < deadline:
            await asyncio.sleep(POLL_SECONDS)
