"""Compressed bodies of requests, as TensorFlow Serving's ``evhttp_request.cc`` takes them."""

from __future__ import annotations

import zlib

from include.serving.local_server.payload.errors import RequestError

MOST_UNZIPPED_BYTES = 100 * 2**20
"""``ZLib::kMaxUncompressedBytes``."""
_GZIP = zlib.MAX_WBITS | 16


def unzipped(body: bytes, content_encoding: str) -> bytes:
    """The body without its compression; one whose encoding has no ``gzip`` in it is taken as it is.

    Takes at most ``MOST_UNZIPPED_BYTES`` of memory, whatever the body says of itself.

    Raises:
        RequestError: it is not one whole gzip file, or holds more than that. TensorFlow Serving goes on with
            an empty body then, so its text is in the error.
    """
    if "gzip" not in content_encoding or not body:
        return body
    reader = zlib.decompressobj(_GZIP)
    try:
        content = reader.decompress(body, MOST_UNZIPPED_BYTES + 1)
    except zlib.error as error:
        raise _empty(f"is no gzip: {error}") from error
    if len(content) > MOST_UNZIPPED_BYTES:
        raise _empty(f"unzips to more than {MOST_UNZIPPED_BYTES} bytes")
    if not reader.eof:
        raise _empty("is cut off")
    if reader.unused_data:
        raise _empty("goes on after the end of the gzip file")
    return content


def _empty(reason: str) -> RequestError:
    return RequestError(
        f"JSON Parse error: The document is empty (the body, whose Content-Encoding says gzip, {reason})"
    )
