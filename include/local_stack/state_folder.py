"""Which folder can hold the stack's state: its path reaches files and programs of many kinds."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

from include.infra.errors import StackError


def require_usable(folder: Path) -> None:
    """Stop before anything is written where a program would understand the path otherwise than we do.

    Spaces, quotes, ``#``, backslashes and letters of any language are no trouble.

    Raises:
        StackError: naming the path, what in it is the trouble, and the setting.
    """
    path = str(folder.absolute())
    if trouble := _trouble(path):
        raise StackError(
            f"the state folder {path!r} {trouble}: name another one by TWEETSIEVE_STATE_DIR=<folder>"
        )


def _trouble(path: str) -> str | None:
    """What is wrong with a path, in words that follow its name; None where nothing is.

    >>> _trouble("/home/jürgen/it's #1")
    >>> _trouble("/srv/a,b")
    "has a comma, at which Kafka's configuration would divide it"
    """
    if any(unicodedata.category(one) == "Cc" for one in path):
        return "has a line break or another control character, which configuration files can't hold"
    if any(unicodedata.category(one) == "Cs" for one in path):
        return "has bytes that are no UTF-8, for which Java has no name"
    if "," in path:
        return "has a comma, at which Kafka's configuration would divide it"
    if os.path.expandvars(path) != path:
        return "has a '$' before the name of an environment variable, which Airflow would fill in"
    return None
