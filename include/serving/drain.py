"""Ending an HTTP server without cutting a caller off.

A kept connection may carry a request at the very moment in which the server closes it as idle: the caller
then sees a reset, and can't know whether it was heard. So from the signal to end on every answer says
``Connection: close`` (RFC 9112, 9.6), and open connections get some seconds to bring one more request.
Callers that come by more often lose none; idle ones are closed at the end.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection

from aiohttp import web

log = logging.getLogger("tweetsieve.serving")

POLL_SECONDS = 0.02


class Drain:
    """The end of one server: it counts requests, marks answers, and waits after the signal.

    Args:
        seconds: how long a kept connection may stay idle before it is closed.
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

    async def callers(self, connections: Callable[[], Collection[object]]) -> None:
        """Return when no connection is left, or the idle ones had their time; new ones are still taken."""
        self._begun = True
        await _until(lambda: not connections(), self._seconds)
        log.info("drained; connections left: %d, requests under way: %d", len(connections()), self._requests)

    async def requests(self) -> None:
        """Return when no request is under way, or the last one had its time."""
        await _until(lambda: not self._requests, self._answer_seconds)


async def _until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        await asyncio.sleep(POLL_SECONDS)
