"""Bodies that say gzip."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from include.serving.local_server.payload import compression
from include.serving.local_server.payload.compression import unzipped
from include.serving.local_server.payload.errors import RequestError

BODY = b'{"instances": [1.0, 2.0]}'


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "my_gzip", "deflate, gzip"])
def test_a_gzip_is_unzipped(encoding: str) -> None:
    assert unzipped(gzip.compress(BODY), encoding) == BODY


@pytest.mark.parametrize("encoding", ["", "identity", "deflate", "br", "zstd", "GZIP", "nonsense"])
def test_other_encodings_are_taken_as_they_are(encoding: str) -> None:
    assert unzipped(BODY, encoding) == BODY


def test_no_body_is_none() -> None:
    assert unzipped(b"", "gzip") == b""


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (BODY, "is no gzip"),
        (b"\x1f", "is cut off"),
        (gzip.compress(BODY)[:-1], "is cut off"),
        (gzip.compress(BODY)[:12], "is cut off"),
        (gzip.compress(BODY)[:-8] + bytes(8), "is no gzip"),
        (zlib.compress(BODY), "is no gzip"),
        (gzip.compress(BODY) + b"x", "goes on after the end"),
        (gzip.compress(BODY) * 2, "goes on after the end"),
    ],
    ids=["plain", "one byte", "cut", "cut early", "wrong checksum", "deflate", "more", "twice"],
)
def test_what_is_no_whole_gzip(body: bytes, says: str) -> None:
    with pytest.raises(RequestError, match=f"The document is empty .*{says}") as caught:
        unzipped(body, "gzip")
    assert caught.value.http_status == 400


def test_a_bomb_takes_no_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "MOST_UNZIPPED_BYTES", 2**20)
    bomb = gzip.compress(bytes(2**24))
    tracemalloc.start()
    try:
        with pytest.raises(RequestError, match="unzips to more than 1048576 bytes"):
            unzipped(bomb, "gzip")
        assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    finally:
        tracemalloc.stop()
    assert len(unzipped(gzip.compress(bytes(2**20)), "gzip")) == 2**20
