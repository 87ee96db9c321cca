"""The folders of a restore, which appear when all of it is there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from include.infra.errors import StackError
from include.settings import Settings

SCRATCH = ".restoring"


def targets(settings: Settings) -> list[Path]:
    """The folders that a restore makes; those inside of the state folder come with it."""
    state = settings.state_dir.absolute()
    others = [path.absolute() for path in (settings.models_dir, settings.serving_dir)]
    return [state, *(path for path in others if not path.is_relative_to(state))]


@contextmanager
def scratch_folders(settings: Settings) -> Iterator[Settings]:
    """Settings whose folders become the real ones when the block succeeds, and are deleted otherwise."""
    places = {path: _scratch_of(path) for path in targets(settings)}
    with ExitStack() as undo:
        for scratch in places.values():
            shutil.rmtree(scratch, ignore_errors=True)
            undo.callback(shutil.rmtree, scratch, ignore_errors=True)
            scratch.mkdir(parents=True, mode=0o700)
        state = places[settings.state_dir.absolute()]
        yield _in_scratch(settings, places)
        shutil.rmtree(state / "logs", ignore_errors=True)
        for target, scratch in reversed(places.items()):  # the state folder last: it says that all is there
            _put(scratch, target)


def _in_scratch(settings: Settings, places: dict[Path, Path]) -> Settings:
    def moved(folder: Path) -> Path:
        target = next(target for target in places if folder.absolute().is_relative_to(target))
        return places[target] / folder.absolute().relative_to(target)

    return settings.model_copy(
        update={
            "state_dir": moved(settings.state_dir),
            "model_store": moved(settings.models_dir),
            "serving_root": moved(settings.serving_dir),
        }
    )


def _scratch_of(target: Path) -> Path:
    """Beside the folder, or inside of it where it is a volume, over which nothing can be renamed."""
    return target / SCRATCH if os.path.ismount(target) else target.with_name(f".{target.name}{SCRATCH}")


def _put(scratch: Path, target: Path) -> None:
    shutil.rmtree(target / "run", ignore_errors=True)
    try:
        if scratch.parent == target:
            for path in scratch.iterdir():
                path.rename(target / path.name)
        else:
            scratch.rename(target)  # succeeds over an empty folder alone
    except OSError as problem:
        raise StackError(
            f"{target} was filled while the backup was restored ({problem.strerror})"
        ) from problem
