"""Where a file is: on this machine, or in a store that fsspec knows by a URL such as ``s3://bucket/posts``."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from include.errors import UserError
from include.infra.input_files.confined import Bounds, ConfinedPath, open_confined
from include.infra.input_files.problems import InputFileError, one_line

_is_url = re.compile(r"[a-z][a-z0-9+.-]*(?:::|://).+", re.IGNORECASE).match
_LOCAL = re.compile(r"(?:file|local)://", re.IGNORECASE)


@dataclass(frozen=True)
class InputFile:
    """One file that somebody handed in.

    Attributes:
        name: how messages name it, without what a URL may hold of a secret.
        path: its path on this machine, or in the store.
        store: fsspec's file system; None for this machine.
        bounds: where it has to lie when it is opened; None: anywhere.
    """

    name: str
    path: str
    store: Any = None
    bounds: Bounds | None = None

    @property
    def suffixes(self) -> list[str]:
        """The suffixes of its name in lower case, such as ``[".jsonl", ".gz"]``."""
        return [suffix.lower() for suffix in Path(self.path.partition("?")[0]).suffixes]

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """Its bytes as they lie there.

        Raises:
            InputFileError: it can't be opened, or not be read to its end.
        """
        with _told(self.name, self.store), self._open() as content:
            yield content

    def _open(self) -> IO[bytes]:
        if self.store is not None:
            return self.store.open(self.path, "rb")
        return open_confined(self.path, self.bounds) if self.bounds else Path(self.path).open("rb")


def is_url(path: str | os.PathLike[str]) -> bool:
    """Whether a path is a URL of a store, and none of this machine.

    >>> is_url("s3://bucket/posts.jsonl"), is_url("posts.jsonl"), is_url("file:///tmp/posts.jsonl")
    (True, False, False)
    """
    return bool(_is_url(os.fspath(path))) and not _LOCAL.match(os.fspath(path))


def shown(path: str | os.PathLike[str]) -> str:
    """A path for a message or a record: of a URL without user, password and query, which may be signed.

    >>> shown("https://me:secret@example.com/a.csv?X-Amz-Signature=1")
    'https://example.com/a.csv'
    """
    if not is_url(path):
        return _LOCAL.sub("", os.fspath(path))
    return re.sub(r"(://)[^/@]*@", r"\1", os.fspath(path)).partition("?")[0]


def input_file(path: str | os.PathLike[str]) -> InputFile:
    """The file at a path or URL.

    Raises:
        InputFileError: there is none, it is a folder, or the store can't be asked; says what to install.
    """
    found = here_or_there(path)
    with _told(found.name, found.store):
        if _is_file(found):
            return found
        what = "is a folder; give one file" if _is_folder(found) else "no such file"
        raise InputFileError(f"{found.name}: {what}")


def here_or_there(path: str | os.PathLike[str]) -> InputFile:
    """The place that a path or URL names, whether something is there or not.

    Raises:
        InputFileError: a store that is not known, or whose package is not installed.
    """
    if not is_url(path):
        local = shown(path)
        return InputFile(local, local, bounds=path.bounds if isinstance(path, ConfinedPath) else None)
    from fsspec.core import url_to_fs

    name = shown(path)
    try:
        store, inside = url_to_fs(os.fspath(path))
    except ImportError as error:
        raise InputFileError(
            f"{name}: the package that reads such addresses is not installed ({one_line(str(error))}): "
            "install it into .venv, or copy the files here"
        ) from None
    except Exception as error:  # noqa: BLE001 - each store raises errors of its own
        raise InputFileError(f"{name}: can't be opened: {_words(error)}") from None
    return InputFile(name, inside, store)


def require_there(path: str | os.PathLike[str]) -> None:
    """Check that a file or a folder is there.

    Raises:
        InputFileError: nothing is, or the store can't be asked.
    """
    found = here_or_there(path)
    with _told(found.name, found.store):
        if not _is_file(found) and not _is_folder(found):
            raise InputFileError(f"{found.name}: no such file or folder")


def files_within(folder: InputFile) -> list[InputFile] | None:
    """All files of a folder and its folders, in the order of their names; None where it is no folder.

    Raises:
        InputFileError: there is neither, or the store can't be asked.
    """
    with _told(folder.name, folder.store):
        if _is_file(folder):
            return None
        if not _is_folder(folder):
            raise InputFileError(f"{folder.name}: no such file or folder")
        if folder.store is None:
            paths = sorted(path for path in Path(folder.path).rglob("*") if path.is_file())
            return [InputFile(str(path), str(path), bounds=folder.bounds) for path in paths]
        base = folder.path.rstrip("/")
        return [
            InputFile(folder.name.rstrip("/") + path.removeprefix(base), path, folder.store)
            for path in sorted(folder.store.find(folder.path))
        ]


def _is_file(found: InputFile) -> bool:
    return Path(found.path).is_file() if found.store is None else found.store.isfile(found.path)


def _is_folder(found: InputFile) -> bool:
    return Path(found.path).is_dir() if found.store is None else found.store.isdir(found.path)


@contextmanager
def _told(name: str, store: object) -> Iterator[None]:
    """Errors of reading as one of ours. A store raises what its own client does."""
    try:
        yield
    except UserError:
        raise
    except (OSError, EOFError, zlib.error) as error:  # a cut or damaged gz is one of these
        raise InputFileError(f"{name}: can't be read: {_words(error)}") from error
    except Exception as error:
        if store is None:
            raise
        raise InputFileError(f"{name}: can't be read: {_words(error)}") from error


def _words(error: Exception) -> str:
    """
    >>> _words(KeyError("x")), _words(ValueError())
    ("KeyError: 'x'", 'ValueError')
    """
    said = (error.strerror if isinstance(error, OSError) else None) or str(error)
    kind = "" if isinstance(error, (OSError, EOFError)) and said else type(error).__name__
    return one_line(": ".join(filter(None, (kind, said))))
