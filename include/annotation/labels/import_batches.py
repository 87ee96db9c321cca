"""Imports of golden labels as wholes: who brought which file when, and undoing one of them."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from include.annotation.queues.roles import Role, role_of
from include.errors import UserError
from include.settings import Settings


class NoSuchImport(UserError, LookupError):
    """No import has this id."""


class NotTheirImport(UserError, PermissionError):
    """Somebody else brought the file, and who asks is no adjudicator."""


@dataclass(frozen=True, slots=True)
class PastImport:
    """An import that added labels; the last two fields are None where it is not undone."""

    id: int
    version: int
    file: str
    imported_by: str
    created_at: datetime
    labels: int
    undone_at: datetime | None
    undone_by: str | None

    def __str__(self) -> str:
        count = f"{self.labels} label" + ("" if self.labels == 1 else "s")
        done = (
            f"import {self.id}: {count} from {self.file} by {self.imported_by}, {_time(self.created_at)},"
            f" version {self.version}"
        )
        return f"{done}; undone by {self.undone_by}, {_time(self.undone_at)}" if self.undone_at else done


def past_imports(connection: psycopg.Connection, most: int | None = None) -> list[PastImport]:
    """Imports, the latest first; at most ``most`` of them."""
    rows = connection.execute(
        """SELECT i.id, i.version, i.file, i.imported_by, i.created_at,
                  count(*) FILTER (WHERE e.action = 'import'),
                  min(e.created_at) FILTER (WHERE e.action = 'undo'),
                  min(e.recorded_by) FILTER (WHERE e.action = 'undo')
           FROM (SELECT * FROM label_import ORDER BY id DESC LIMIT %s) i
           JOIN label_event e ON e.import_id = i.id
           GROUP BY i.id, i.version, i.file, i.imported_by, i.created_at ORDER BY i.id DESC""",
        [most],
    )
    return [PastImport(*row) for row in rows]


def undo_import(connection: psycopg.Connection, import_id: int, by: str) -> int:
    """Take back every label of an import that still stands; each undo is an event in the name of ``by``.

    What the annotators' labels were before counts again, and what they labelled later by hand goes on to
    count. Done again it changes nothing. Committed when this returns on an autocommit connection.

    Returns:
        How many labels were taken back.

    Raises:
        NoSuchImport: no import has this id.
    """
    with connection.transaction():
        lock_imports(connection)
        if connection.execute("SELECT FROM label_import WHERE id = %s", [import_id]).fetchone() is None:
            raise NoSuchImport(f"there is no import {import_id}")
        return connection.execute(
            """INSERT INTO label_event (text_hash, post_id, text, version, annotator, action, undoes, queue,
                                        import_id, recorded_by)
               SELECT text_hash, post_id, text, version, %(by)s, 'undo', id, queue, import_id, %(by)s
               FROM standing_event WHERE import_id = %(import)s AND action = 'import' ORDER BY id""",
            {"by": by, "import": import_id},
        ).rowcount


def lock_imports(connection: psycopg.Connection) -> None:
    """Wait until no other import, or undoing of one, goes on; held until the transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtext('import labels'))")


def may_undo(past: PastImport, who: str, settings: Settings) -> bool:
    """Whether somebody may undo an import on the page: who brought it, and adjudicators."""
    return past.imported_by == who or role_of(who, settings) is Role.ADJUDICATOR


def operator(settings: Settings) -> str:
    """Who runs a command: the setting ``operator``, else the name of the account.

    >>> operator(Settings(operator=" ann "))
    'ann'
    """
    if name := settings.operator.strip():
        return name
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user often has no name
        return f"user {os.getuid()}"


def _time(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
