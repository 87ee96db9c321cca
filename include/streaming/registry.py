"""The workloads there are: found by looking for ``<folder>/<name>/workload.py``, each of which declares one.

The folder is ``include/workloads``, and those of the setting ``workloads_path``: a workload kept there is
imported as ``include.workloads.<name>`` like all others.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path

from include.errors import UserError
from include.settings import PROJECT_ROOT, Settings, get_settings
from include.streaming.workload import Workload

PACKAGE = "include.workloads"
FOLDER = PROJECT_ROOT / "include" / "workloads"


class UnknownWorkload(UserError):
    """A workload that is not declared."""


class BrokenWorkload(UserError):
    """A folder whose ``workload.py`` does not declare a workload."""


def workload_names(settings: Settings | None = None) -> tuple[str, ...]:
    """Names of all workloads, sorted. None of them is imported.

    Raises:
        BrokenWorkload: two folders have the same name.
    """
    return tuple(_files(settings or get_settings()))


def workload_named(name: str, settings: Settings | None = None) -> Workload:
    """The declared workload; no other is imported.

    Raises:
        UnknownWorkload: lists the ones there are.
        BrokenWorkload: names the file that does not load, and why.
    """
    settings = settings or get_settings()
    files = _files(settings)
    if name not in files:
        raise UnknownWorkload(f"workload {name!r} is none of: {', '.join(files)}")
    _make_importable(settings)
    return _declared(name, files[name])


def _declared(name: str, file: Path) -> Workload:
    try:
        module = importlib.import_module(f"{PACKAGE}.{name}.workload")
        found = module.WORKLOAD
    except Exception as problem:
        raise BrokenWorkload(f"{file} does not load: {type(problem).__name__}: {problem}") from problem
    if not isinstance(found, Workload) or found.name != name:
        raise BrokenWorkload(f"{file}: WORKLOAD is not a Workload named {name!r}, as its folder is")
    return found


def _files(settings: Settings) -> dict[str, Path]:
    """The file of each workload, by name in alphabetical order."""
    found: dict[str, Path] = {}
    for folder in (FOLDER, *_more_folders(settings)):
        for file in folder.glob("*/workload.py"):
            other = found.setdefault(file.parent.name, file)
            if other != file:
                raise BrokenWorkload(f"two workloads have the same name: {other} and {file}")
    return dict(sorted(found.items()))


def _more_folders(settings: Settings) -> list[Path]:
    return [Path(folder).absolute() for folder in settings.workloads_path.split(os.pathsep) if folder]


def _make_importable(settings: Settings) -> None:
    places = importlib.import_module(PACKAGE).__path__
    places.extend(str(folder) for folder in _more_folders(settings) if str(folder) not in places)
