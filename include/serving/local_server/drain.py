"""Ending an HTTP server without cutting a caller off.

A kept-alive connection may carry a request at the very moment at which the server closes it as idle; the
caller then sees a reset, and can't know whether the request was handled. And those who open new connections
may not know yet that this server is ending. So for some seconds after the signal everything is still
answered, on old connections and new ones, with ``Connection: close`` (RFC 9112, section 9.6).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from aiohttp import web

log = logging.getLogger("tweetsieve.serving")


class Drain:
    """The end of one server: counts requests, marks answers, and waits after the signal.

    Args:
        seconds: from the signal until the port closes; a connection that is idle for longer is cut off.
        answer_seconds: how long a request under way may take at most.
    """

    def __init__(self, seconds: float, answer_seconds: float = 15.0) -> None:
        self._seconds, self._answer_seconds = seconds, answer_seconds
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._begun = False

    def __enter__(self) -> None:
        self._under_way += 1
        self._idle.clear()

    def __exit__(self, *_: object) -> None:
        self._under_way -= 1
        if not self._under_way:
            self._idle.set()

    def mark(self, response: web.Response) -> None:
        """After the signal, make the caller open a new connection for its next request."""
        if self._begun:
            response.force_close()

    async def callers(self) -> None:
        """Give all callers the time to go elsewhere."""
        self._begun = True
        await asyncio.sleep(self._seconds)
        log.info("drained for %g s; requests under way: %d", self._seconds, self._under_way)

    async def requests(self) -> None:
        """Return when no request is under way, or after ``answer_seconds``."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), self._answer_seconds)
