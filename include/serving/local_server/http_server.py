"""The HTTP side of the model server: bodies of bounded size, and JSON for every error, of HTTP itself too."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from aiohttp import http_exceptions, web

from include.serving.local_server.payload.messages import error_body
from include.serving.local_server.rest_api import HttpRequest

log = logging.getLogger("tweetsieve.serving")

MAX_BODY_BYTES = 100 * 2**20
"""Of a request as it is sent; TensorFlow Serving knows no limit."""
KEEPALIVE_SECONDS = 75.0
"""Longer than clients keep an idle connection, so that the client closes it."""
MOST_SAID = 300
"""Characters of what is wrong with a request's head."""

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class BodyError(Exception):
    """A body that is not read; ``status`` is the HTTP status."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class JsonServer(web.Server):
    """aiohttp's low-level server; what its protocol refuses by itself is JSON as well."""

    def __init__(self, handler: Handler) -> None:
        options: dict[str, Any] = {
            "access_log": None,
            "keepalive_timeout": KEEPALIVE_SECONDS,
            "auto_decompress": False,  # it knows other encodings than TensorFlow Serving, and no limit
        }
        super().__init__(handler, **options)
        self._options = options

    def __call__(self) -> web.RequestHandler:
        return _JsonProtocol(self, loop=asyncio.get_running_loop(), **self._options)


class _JsonProtocol(web.RequestHandler):
    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what is no HTTP (400), or to an error of the server (500)."""
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("answering %s failed", request.remote, exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("a part of the answer is sent already")
        text = (message or HTTPStatus(status).phrase)[:MOST_SAID]
        response = json_response(status, error_body(f"Malformed request: {text}" if status < 500 else text))
        response.force_close()
        return response


def json_response(status: int, body: bytes) -> web.Response:
    """An answer in JSON."""
    return web.Response(status=status, body=body, content_type="application/json")


async def read_request(request: web.BaseRequest) -> HttpRequest:
    """What of a request the answer depends on, with its whole body.

    Raises:
        BodyError: the body is too large or malformed, or the client expects what the server can't do.
    """
    return HttpRequest(
        request.method,
        _path(request.raw_path),
        await _read_body(request),
        request.headers.get("Content-Encoding", ""),
        request.headers.get("Origin", ""),
    )


def _path(target: str) -> str:
    """A request's path with its query; its target may be a whole URL (RFC 9112, section 3.2.2)."""
    if target.startswith("/"):
        return target
    _, _, rest = target.partition("://")
    return f"/{rest.partition('/')[2]}"


async def _read_body(request: web.BaseRequest) -> bytes:
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise _too_large()
    await _go_on(request)
    parts, size = list[bytes](), 0
    try:
        async for part in request.content.iter_any():
            parts.append(part)
            size += len(part)
            if size > MAX_BODY_BYTES:
                raise _too_large()
    except (web.RequestPayloadError, http_exceptions.HttpProcessingError) as error:
        raise BodyError(
            HTTPStatus.BAD_REQUEST, f"Malformed request: the body is malformed: {error}"
        ) from error
    return b"".join(parts)


async def _go_on(request: web.BaseRequest) -> None:
    """Answer ``Expect: 100-continue`` (RFC 9110, section 10.1.1)."""
    if not (expected := request.headers.get("Expect")):
        return
    if expected.lower() != "100-continue":
        raise BodyError(HTTPStatus.EXPECTATION_FAILED, f"Unknown expectation: {expected[:MOST_SAID]}")
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.writer.output_size = 0  # nothing of the answer itself is sent


def _too_large() -> BodyError:
    return BodyError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is larger than {MAX_BODY_BYTES} bytes")
