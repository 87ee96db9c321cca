"""Whether the disk has room for a backup."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from include.backup.databases import database_bytes, open_database
from include.errors import UserError
from include.infra.disk import GB, disk_space
from include.settings import Settings


def needed(settings: Settings) -> dict[str, int]:
    """Bytes that a backup takes at most, by what takes them."""
    sizes = {}
    for database in (settings.postgres_database, settings.airflow_database):
        with open_database(settings, database) as connection:
            sizes[f"database {database}"] = database_bytes(connection)
    for folder in (settings.models_dir, settings.serving_dir):
        sizes[str(folder)] = _size(folder)
    return sizes


def _size(folder: Path) -> int:
    """Bytes of its files; one that goes meanwhile counts nothing."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def require_room(settings: Settings, sizes: dict[str, int]) -> None:
    """Stop before anything is written where a backup would leave too little room.

    Args:
        sizes: bytes that it takes at most, by what takes them.

    Raises:
        UserError: what is needed, what there is, and the settings.
    """
    space, most = disk_space(settings.backups_dir), sum(sizes.values())
    reserve = min(settings.alert_disk_free_gb * GB, space.total * settings.alert_disk_free_share)
    if space.free < most + reserve:
        parts = ", ".join(f"{name} {size / GB:.2f} GB" for name, size in sizes.items())
        raise UserError(
            f"a backup may take {most / GB:.2f} GB ({parts}), and {reserve / GB:.2f} GB have to stay free: "
            f"there are {space}. Delete old backups, keep fewer (TWEETSIEVE_BACKUP_KEEP), or name a folder "
            "on another disk by TWEETSIEVE_BACKUP_DIR"
        )
