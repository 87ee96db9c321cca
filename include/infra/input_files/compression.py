"""Unpacking gz, bz2 and zst: known by a file's first bytes, whatever its name says."""

from __future__ import annotations

import bz2
import gzip
import io
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, cast

from include.infra.input_files.location import InputFile
from include.infra.input_files.problems import InputFileError

_MARKS = {b"\x1f\x8b": ".gz", b"BZh": ".bz2", b"\x28\xb5\x2f\xfd": ".zst"}
SUFFIXES = tuple(_MARKS.values())

_OTHERS = {
    b"PK\x03\x04": "zip (or xlsx)",
    b"\xfd7zXZ\x00": "xz",
    b"7z\xbc\xaf": "7z",
    b"\x04\x22\x4d\x18": "lz4",
}


def compressed_by(head: bytes) -> str | None:
    """The suffix of what a file is compressed by, known by its first bytes.

    >>> compressed_by(b"\\x1f\\x8b\\x08"), compressed_by(b"{")
    ('.gz', None)
    """
    return next((suffix for mark, suffix in _MARKS.items() if head.startswith(mark)), None)


@contextmanager
def unpacked(file: InputFile) -> Iterator[IO[bytes]]:
    """The file's content.

    Raises:
        InputFileError: it can't be read, is compressed otherwise, or is not compressed as its name says.
    """
    with file.opened() as raw:
        head = raw.read(6)
        raw.seek(0)
        by = compressed_by(head)
        _refuse_others(file, head, by)
        if by is None:
            yield raw
        else:
            with _opener(by, raw) as content:
                yield content


@contextmanager
def seekable(file: InputFile) -> Iterator[IO[bytes]]:
    """The file's content for a format that is read from its end: what is compressed is unpacked first."""
    with unpacked(file) as content:
        if not isinstance(content, (gzip.GzipFile, bz2.BZ2File, _Unpacking)):
            yield content
            return
        with tempfile.TemporaryFile() as whole:
            shutil.copyfileobj(content, whole)
            whole.seek(0)
            yield whole


class _Unpacking(io.BufferedReader):
    """A zst's content; Arrow's stream knows no lines, which this adds."""


def _opener(by: str, raw: IO[bytes]) -> IO[bytes]:
    if by == ".gz":
        return cast(IO[bytes], gzip.GzipFile(fileobj=raw))
    if by == ".bz2":
        return cast(IO[bytes], bz2.BZ2File(raw))
    import pyarrow as pa

    stream: Any = pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), "zstd")
    return _Unpacking(stream)


def _refuse_others(file: InputFile, head: bytes, by: str | None) -> None:
    named = file.suffixes[-1:]
    for mark, name in _OTHERS.items():
        if head.startswith(mark):
            raise InputFileError(
                f"{file.name}: unknown kind of file, {name}: unpack it, or give .jsonl, .csv or .parquet, or "
                f"those with {', '.join(SUFFIXES)}"
            )
    if by is None and head and named and named[0] in SUFFIXES:
        raise InputFileError(
            f"{file.name}: can't be read: it is not compressed, although its name says {named[0]}"
        )
