"""The process of an import: ``python -m include.annotation.labels.upload_worker FOLDER``.

It sets its own limits of memory and time before it opens the file.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from include.annotation.labels.upload import JOB, STATE, too_long, too_much
from include.console.arguments import CommandParser
from include.console.command import command
from include.errors import UserError
from include.infra.input_files.argument import existing_path
from include.settings import Settings, get_settings


class TooLong(Exception):
    """The time is over."""


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Import what the folder's job says, and write how that goes into its state."""
    parser = CommandParser("include.annotation.labels.upload_worker", __doc__)
    parser.add_argument("folder", type=existing_path, help="of the import, with its job")
    _work(Path(parser.parse_args(arguments).folder))
    return 0


def _work(folder: Path) -> None:
    settings, job = get_settings(), json.loads((folder / JOB).read_text(encoding="utf-8"))
    try:
        told, taken = _imported(folder, job, settings), True
    except UserError as refused:
        told, taken = str(refused).replace(str(folder / job["file"]), job["name"]), False
    except (TooLong, MemoryError) as over:
        told, taken = too_long(settings) if isinstance(over, TooLong) else too_much(settings), False
    finally:
        signal.alarm(0)
    _write(folder, {"told": told, "taken": taken})


def _imported(folder: Path, job: dict[str, Any], settings: Settings) -> str:
    from include.annotation.labels.importing import Upload, import_labels

    _limit(settings)
    upload = Upload(job["annotator"], job["name"], names_count=False)
    report = import_labels(
        folder / job["file"], job["version"], settings, job["annotator"], job["partial"], upload,
        progress=lambda read: _write(folder, {"read": read}),
    )  # fmt: skip
    report.path = job["name"]
    return str(report)


def _limit(settings: Settings) -> None:
    """Memory beyond what the libraries take, and time, also where nobody waits for the end any more."""
    bound = _used() + settings.import_memory_mb * 10**6
    resource.setrlimit(resource.RLIMIT_DATA, (bound, bound))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)
    signal.signal(signal.SIGALRM, _over)
    signal.alarm(settings.import_seconds)


def _used() -> int:
    """Bytes that count against RLIMIT_DATA now; where that is not known, none."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmData"))


def _over(_signal: int, _frame: FrameType | None) -> None:
    raise TooLong


def _write(folder: Path, state: dict[str, Any]) -> None:
    scratch = folder / f".{STATE}"
    scratch.write_text(json.dumps(state), encoding="utf-8")
    scratch.replace(folder / STATE)


if __name__ == "__main__":
    sys.exit(main())
