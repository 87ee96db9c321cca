"""Paths and URLs on a command line, looked at before anything is loaded.

Standard library only. What a URL such as ``s3://bucket/posts`` names is looked at when it is read.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path

from include.infra.input_files.location import is_url, shown


def existing_file(text: str) -> str:
    """A file that is there, or a URL.

    >>> existing_file("no/such/file")
    Traceback (most recent call last):
        ...
    argparse.ArgumentTypeError: 'no/such/file': no such file
    """
    return _existing(text, Path.is_file, "file")


def existing_path(text: str) -> str:
    """A file or folder that is there, or a URL."""
    return _existing(text, Path.exists, "file or folder")


def absolute(path: str) -> str:
    """The same place for a program that runs in another folder.

    >>> absolute("s3://bucket/posts"), absolute("file:///tmp/posts.csv")
    ('s3://bucket/posts', '/tmp/posts.csv')
    """
    return path if is_url(path) else str(Path(shown(path)).resolve())


def _existing(text: str, there: Callable[[Path], bool], kind: str) -> str:
    try:
        found = bool(text) and (is_url(text) or there(Path(shown(text))))
    except (OSError, ValueError):  # a name that no file can have
        found = False
    if not found:
        raise ArgumentTypeError(f"{text!r}: no such {kind}")
    return text
