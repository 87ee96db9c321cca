"""What a run of a DAG may read and write: less than the account that it works with."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from include.errors import UserError
from include.infra.input_files.confined import Bounds, ConfinedPath, kind_of_file
from include.infra.input_files.location import is_url, shown
from include.infra.processes.secret_files import write_private
from include.settings import Settings

STORES = (
    "s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oci", "oss", "hdfs", "webhdfs", "http", "https",
)  # fmt: skip
"""Schemes of stores that are elsewhere; others of fsspec's read this machine's files by another name."""

MOST_HANDED_IN = 100


def inputs_dir(settings: Settings) -> Path:
    """The folder that runs may always read from."""
    return settings.state_dir.absolute() / "inputs"


def exports_dir(settings: Settings) -> Path:
    """The folder that runs may always write to."""
    return settings.state_dir.absolute() / "exports"


def allowed_input(value: str, name: str, settings: Settings) -> str | ConfinedPath:
    """A path or URL that a Param names, where a run may read it; a relative one lies in an allowed folder.

    Args:
        value: as it was given.
        name: the Param, for messages.

    Raises:
        UserError: it is outside of the allowed folders, or leads out of them; there is nothing; or it is
            neither a file nor a folder. Names the Param, the value, the folders and what to do.
    """
    if is_url(value):
        return _allowed_url(value, name, settings)
    folders = _input_folders(settings)
    found = _confined(shown(value), value, name, [*folders, *_handed_in(settings)], folders, settings)
    try:
        mode = os.stat(found).st_mode
    except (OSError, ValueError):
        raise UserError(f"{name}: {value}: no such file or folder") from None
    if not (os.path.isfile(found) or os.path.isdir(found)):
        raise UserError(f"{name}: {value} is {kind_of_file(mode)}: give a file or a folder of files")
    return found


def allowed_output(value: str, name: str, settings: Settings) -> Path:
    """A folder that a Param names, there or not, where a run may write.

    Raises:
        UserError: as of ``allowed_input``; also a URL.
    """
    if is_url(value):
        raise UserError(f"{name}: {shown(value)} is no folder of this machine: give one")
    folders = [exports_dir(settings), *_listed(settings.export_folders)]
    return Path(_confined(shown(value), value, name, folders, folders, settings))


def hand_in(settings: Settings, *paths: str | None) -> None:
    """Let the runs of this stack read some paths: for commands, whose user can read the state folder anyway.

    The latest MOST_HANDED_IN are kept, in a file that only its owner can write.
    """
    given = [os.path.realpath(path) for path in paths if path and not is_url(path)]
    known = [str(path) for path in _handed_in(settings) if str(path) not in given]
    if given:
        write_private(_register(settings), json.dumps([*known, *given][-MOST_HANDED_IN:]))


def _confined(
    path: str, value: str, name: str, allowed: list[Path], told: list[Path], settings: Settings
) -> ConfinedPath:
    bounds = Bounds.of(allowed, [settings.state_dir.absolute()])
    if not path or "\0" in path:
        raise UserError(f"{name}: {value!r} is no path: give one of a file or a folder")
    tried = [path] if os.path.isabs(path) else [os.path.join(folder, path) for folder in told]
    real = os.path.realpath(next(filter(os.path.lexists, tried), tried[0]))
    if Path(real) not in bounds:
        raise UserError(_refusal(value, name, real, told))
    return ConfinedPath(real, bounds)


def _refusal(value: str, name: str, real: str, told: list[Path]) -> str:
    writes = name == "folder"
    led = "" if real == value else f" (it leads to {real})"
    setting = "TWEETSIEVE_EXPORT_FOLDERS" if writes else "TWEETSIEVE_INPUT_FOLDERS"
    do = "give a folder within them" if writes else f"put the file into {told[0]}"
    return (
        f"{name}: {value!r}{led} is outside of the folders that runs may {'write to' if writes else 'read'}:"
        f" {', '.join(map(str, told))}; {do}, or add its folder to {setting} and start the stack again"
    )


def _allowed_url(value: str, name: str, settings: Settings) -> str:
    scheme = re.match(r"[a-z][a-z0-9+.-]*", value, re.IGNORECASE)
    if scheme and "::" not in value.partition("?")[0] and scheme[0].lower() in STORES:
        return value
    raise UserError(
        f"{name}: {shown(value)!r} is of no store that runs may read ({', '.join(STORES)}; none by way of"
        f" another, as in a::b): put the file into {inputs_dir(settings)}, and give its path"
    )


def _input_folders(settings: Settings) -> list[Path]:
    return [inputs_dir(settings), exports_dir(settings), *_listed(settings.input_folders)]


def _listed(folders: str) -> list[Path]:
    return [Path(one).expanduser().absolute() for one in folders.split(os.pathsep) if one.strip()]


def _register(settings: Settings) -> Path:
    return settings.state_dir.absolute() / "handed_in.json"


def _handed_in(settings: Settings) -> list[Path]:
    try:
        return [Path(one) for one in json.loads(_register(settings).read_text(encoding="utf-8"))]
    except FileNotFoundError:
        return []
