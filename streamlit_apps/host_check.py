"""The check of the host name, before a page's server answers anything: files, health and websocket, too."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from include.infra.allowed_hosts import REFUSED, TEXT_HEADERS, AllowedHosts
from include.settings import get_settings


class HostCheck:
    """ASGI middleware; Starlette's own says neither the host nor what to do about it."""

    def __init__(self, app: ASGIApp, hosts: AllowedHosts) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what asks for an allowed host, answer the rest, a websocket's handshake too."""
        answer: ASGIApp = self._app
        if scope["type"] in ("http", "websocket"):
            refused = self._hosts.refusal(Headers(scope=scope).getlist("host"))
            if refused is not None:
                answer = PlainTextResponse(refused, REFUSED, TEXT_HEADERS)
        await answer(scope, receive, send)


def host_check() -> Middleware:
    """The check with the hosts of the settings."""
    return Middleware(HostCheck, hosts=AllowedHosts.of(get_settings()))
