"""The files of a folder that are read, and a word about those that are not."""

from __future__ import annotations

import logging
import os
from pathlib import PurePosixPath

from include.infra.input_files import compression
from include.infra.input_files.location import InputFile, files_within, here_or_there
from include.infra.input_files.problems import InputFileError, one_line
from include.infra.input_files.reader import KINDS, suffix_of

log = logging.getLogger(__name__)

MOST_NAMED = 10


def input_files(path: str | os.PathLike[str]) -> list[InputFile]:
    """The file at a path or URL, or those of a folder in the order of their names.

    A folder's hidden files and those of no known kind are left out, which is logged with their names.

    Raises:
        InputFileError: there is nothing, or no file of a known kind; the message names what was left out.
    """
    place = here_or_there(path)
    within = files_within(place)
    if within is None:
        return [place]
    files, hidden, unknown = [], [], []
    for file in within:
        name = file.path.removeprefix(place.path).lstrip("/")
        if any(part.startswith(".") for part in PurePosixPath(name).parts):
            hidden.append(name)
        elif suffix_of(file) is None:
            unknown.append(name)
        else:
            files.append(file)
    left_out = "; ".join(filter(None, (_named("hidden", hidden), _named("of no known kind", unknown))))
    if not files:
        raise InputFileError(
            f"{place.name}: the folder holds no file ending in {', '.join(KINDS)} (or those with "
            f"{', '.join(compression.SUFFIXES)})" + (f"; left out: {left_out}" if left_out else "")
        )
    if left_out:
        log.warning("%s: %d files are read; left out: %s", place.name, len(files), left_out)
    return files


def _named(why: str, names: list[str]) -> str:
    """
    >>> _named("hidden", [".a", ".b"]), _named("hidden", [])
    ('2 hidden (.a, .b)', '')
    """
    if not names:
        return ""
    more = [f"and {len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
    return f"{len(names)} {why} ({one_line(', '.join([*names[:MOST_NAMED], *more]))})"
