"""Tombstones: ids in the table ``forgotten``, and in a file beside the backups that outlives the database."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from include.forgetting.search.sweep import BATCH
from include.posts.deletions import Deletion
from include.settings import Settings
from include.tombstones.table import hold_alone

_ADD = """
    INSERT INTO forgotten (kind, id, reason, asked_by)
    SELECT kind, id, %s, %s FROM unnest(%s::text[], %s::text[]) AS asked (kind, id)
    ON CONFLICT (kind, id) DO NOTHING RETURNING kind, id
"""


def add(
    connection: psycopg.Connection, deletions: Iterable[Deletion], by: str, reason: str
) -> list[Deletion]:
    """Add ids, so that from now on nothing lets these posts in; those that are new.

    Waits for whoever lets posts in at this moment, a batch at most.

    Args:
        connection: in autocommit; each BATCH of ids is a transaction of its own.
    """
    asked, new = list(dict.fromkeys(deletions)), []
    for start in range(0, len(asked), BATCH):
        some = asked[start : start + BATCH]
        with connection.transaction():
            hold_alone(connection)
            values = [reason, by, [one.kind for one in some], [one.id for one in some]]
            rows = connection.execute(_ADD, values).fetchall()
        new += [Deletion(kind, identifier) for kind, identifier in rows]
    return new


def unfinished(connection: psycopg.Connection) -> list[Deletion]:
    """What was begun, or asked for by notices, and is not swept everywhere."""
    rows = connection.execute("SELECT kind, id FROM forgotten WHERE done_at IS NULL ORDER BY asked_at, id")
    return [Deletion(kind, identifier) for kind, identifier in rows.fetchall()]


def finish(connection: psycopg.Connection, deletions: Iterable[Deletion]) -> None:
    """Note that every place was swept for these."""
    asked = list(deletions)
    connection.execute(
        "UPDATE forgotten f SET done_at = now() FROM unnest(%s::text[], %s::text[]) AS d (kind, id)"
        " WHERE f.kind = d.kind AND f.id = d.id AND f.done_at IS NULL",
        [[one.kind for one in asked], [one.id for one in asked]],
    )


KEPT = "forgotten.jsonl"
"""The file of all ids in the folder of backups, a JSON object a line; no text."""


def keep_ids(settings: Settings, deletions: Iterable[Deletion]) -> None:
    """Append ids to the file, on the disk when this returns: a restore reads it.

    Raises:
        OSError: the folder of backups can't be used.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    lines = [json.dumps({"kind": one.kind, "id": one.id, "at": now}) + "\n" for one in deletions]
    if not lines:
        return
    settings.backups_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(settings.backups_dir / KEPT, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8") as file:
        file.write("".join(lines))
        file.flush()
        os.fsync(file.fileno())


def kept_ids(backups: Path) -> list[Deletion]:
    """The file's ids; a line that a power cut left in part is passed over."""
    try:
        lines = (backups / KEPT).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return list(dict.fromkeys(filter(None, map(_deletion, lines))))


def _deletion(line: str) -> Deletion | None:
    try:
        told: Any = json.loads(line)
        return Deletion(told["kind"], str(told["id"])) if told["kind"] in ("post", "author") else None
    except (ValueError, KeyError, TypeError):
        return None
