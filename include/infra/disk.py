"""How much room the disks of our folders have, and whether that is too little."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from include.settings import Settings

GB = 10**9


@dataclass(frozen=True)
class DiskSpace:
    """A file system by one of our folders on it.

    Attributes:
        folder: the first of our folders that lies on it, or its nearest parent that exists.
        total: bytes.
        free: bytes that a user other than root may still write.
        free_files: share of the files that it can still hold, 0 to 1; 1 where it has no limit.
    """

    folder: Path
    total: int
    free: int
    free_files: float = 1.0

    @property
    def share(self) -> float:
        """Share of its bytes that is free, 0 to 1."""
        return self.free / self.total if self.total else 1.0

    def __str__(self) -> str:
        return f"{self.free / GB:.1f} of {self.total / GB:.0f} GB free ({self.share:.0%}) at {self.folder}"


def disk_space(folder: Path) -> DiskSpace:
    """The room of the file system on which the folder lies, or would lie if it existed."""
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    found = os.statvfs(place)
    files = found.f_favail / found.f_files if found.f_files else 1.0
    return DiskSpace(place, found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize, files)


def disks(settings: Settings) -> list[DiskSpace]:
    """Every file system that holds one of our folders, once: state, models, backups, temporary files."""
    folders = (
        settings.state_dir, settings.models_dir, settings.serving_dir, settings.backups_dir,
        _temporary(),
    )  # fmt: skip
    found: dict[int, DiskSpace] = {}
    for folder in folders:
        with suppress(OSError):  # a disk that does not answer must not keep the others from being told
            space = disk_space(folder)
            found.setdefault(space.folder.stat().st_dev, space)
    return list(found.values())


def _temporary() -> Path:
    """The folder of temporary files; Python finds none where the disk is full."""
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError:
        return Path("/tmp")


def shortage(space: DiskSpace, settings: Settings) -> str | None:
    """What there is too little of, in words; None where there is enough.

    >>> tight = DiskSpace(Path("/srv"), total=100 * GB, free=4 * GB)
    >>> shortage(tight, Settings(_env_file=None))
    'only 4.0 of 100 GB free (4%) at /srv'
    >>> shortage(DiskSpace(Path("/srv"), 100 * GB, 40 * GB, 0.01), Settings(_env_file=None))
    'only 1% of the files that the disk at /srv can hold are left'
    """
    least = settings.alert_disk_free_share
    if space.free < settings.alert_disk_free_gb * GB or space.share < least:
        return f"only {space}"
    if space.free_files < least:
        return f"only {space.free_files:.0%} of the files that the disk at {space.folder} can hold are left"
    return None


def advice(settings: Settings) -> str:
    """What to do about a disk that is nearly full."""
    return (
        "when it is full, nothing is stored any more: the stream waits, and so does labelling. Make room: "
        f"delete old backups in {settings.backups_dir} and exports, remove dataset versions (the DAG "
        "clean_dataset), shorten TWEETSIEVE_KAFKA_RETENTION_HOURS and start again, or enlarge the disk; "
        "TWEETSIEVE_ALERT_DISK_FREE_GB and TWEETSIEVE_ALERT_DISK_FREE_SHARE say when this is told"
    )


def disk_lines(settings: Settings) -> list[str]:
    """The lines of ``make status``: each disk, and what to do about one that is nearly full."""
    found = disks(settings)
    warnings = [
        f"warning: {text}: {advice(settings)}" for space in found if (text := shortage(space, settings))
    ]
    return [f"{'disk':13} {space}" for space in found] + warnings
