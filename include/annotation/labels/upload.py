"""An import of an uploaded file in a process of its own, within limits: what a page starts and looks at.

The process has its own interpreter, so that no file, whatever is in it, keeps the page's from answering.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

from include.errors import UserError
from include.settings import PROJECT_ROOT, Settings

MOST_AT_ONCE = 2
JOB, CONTENT, STATE = "job.json", "uploaded", "state.json"
"""In the folder of an import: what to do, the file (with its own suffixes), and how far it is."""

GRACE_SECONDS = 5.0
"""Beyond the limit of time, within which the process ends itself."""

_running = threading.BoundedSemaphore(MOST_AT_ONCE)


class UploadRefused(UserError):
    """A file that is not even looked at."""


@dataclass
class LabelUpload:
    """An import under way, or what became of it.

    Attributes:
        name: of the file, as its user knows it.
        read: rows read so far.
        told: what became of it, in words; None while it is under way.
        taken: whether it was imported.
    """

    name: str
    folder: Path
    read: int = 0
    told: str | None = None
    taken: bool = False
    ended: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        """Read how far it is."""
        if not self.ended.is_set():
            self.read = int(_state(self.folder).get("read", self.read))


def start_upload(
    name: str, content: bytes, annotator: str, version: int, partial: bool, settings: Settings
) -> LabelUpload:
    """Import a file's labels in the name of an annotator; returns while that is under way.

    Raises:
        UploadRefused: it is too large, or others are under way; names the setting.
    """
    if len(content) > settings.import_mb * 10**6:
        raise UploadRefused(
            f"{name} has {len(content) / 10**6:,.1f} MB, the most is {settings.import_mb} MB"
            " (TWEETSIEVE_IMPORT_MB): split it, or import it by the command"
            " 'python -m include.annotation.labels.transfer import'"
        )
    if not _running.acquire(blocking=False):
        raise UploadRefused(f"{MOST_AT_ONCE} imports are under way already: wait until one has ended")
    try:
        scratch = tempfile.TemporaryDirectory(prefix="tweetsieve-import-")
        folder = Path(scratch.name)
        file = folder / (CONTENT + "".join(Path(name).suffixes[-2:]))
        file.write_bytes(content)
        job = {
            "name": name,
            "file": file.name,
            "annotator": annotator,
            "version": version,
            "partial": partial,
        }
        (folder / JOB).write_text(json.dumps(job), encoding="utf-8")
        process = _process(folder)
        upload = LabelUpload(name, folder)
        watching = threading.Thread(target=_watch, args=(upload, process, scratch, settings), daemon=True)
        watching.start()
        return upload
    except BaseException:
        _running.release()
        raise


def _process(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "include.annotation.labels.upload_worker", str(folder)],
        cwd=PROJECT_ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def _watch(
    upload: LabelUpload,
    process: subprocess.Popen[bytes],
    scratch: tempfile.TemporaryDirectory[str],
    settings: Settings,
) -> None:
    """Wait for the end, in a thread that needs no interpreter meanwhile."""
    late = False
    try:
        process.wait(settings.import_seconds + GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        late = True
        process.kill()
        process.wait()
    finally:
        state = _state(upload.folder)
        upload.read = int(state.get("read", upload.read))
        upload.taken = bool(state.get("taken"))
        upload.told = str(state.get("told") or "") or _why(process.returncode, late, settings)
        scratch.cleanup()
        _running.release()
        upload.ended.set()


def _why(code: int, late: bool, settings: Settings) -> str:
    """Why a process ended that could not say it itself."""
    if late:
        return too_long(settings)
    return (
        f"the import ended without a word (exit code {code}), as one does whose machine has no memory left:"
        " nothing of the file was taken"
    )


def too_long(settings: Settings) -> str:
    return (
        f"the import took longer than {settings.import_seconds} s (TWEETSIEVE_IMPORT_SECONDS): nothing of the"
        " file was taken; split it, or unpack it and look what is in it"
    )


def too_much(settings: Settings) -> str:
    return (
        f"the import needs more memory than {settings.import_memory_mb} MB (TWEETSIEVE_IMPORT_MEMORY_MB):"
        " nothing of the file was taken; split it, or shorten what is long in it"
    )


def _state(folder: Path) -> dict[str, str | int | bool]:
    try:
        return dict(json.loads((folder / STATE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
