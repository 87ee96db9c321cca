"""At which revision the shared tables are, and at which this release needs them.

Nothing here imports Alembic, which only an upgrade needs (:mod:`include.schema.upgrade`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import psycopg

from include.errors import UserError

MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaNotCurrent(UserError):
    """The shared tables are at another revision than the one this release works with."""

    def __init__(self, present: str | None) -> None:
        latest = latest_revision()
        found = f"at revision {present}" if present else "at no revision yet"
        if present and present > latest:
            advice = "a later release has upgraded it: use that release"
        else:
            advice = "run 'make up' (the local stack) or 'python -m include.deployment.prepare'"
        super().__init__(f"the database schema is {found}, this release needs revision {latest}: {advice}")
        self.present = present


@cache
def latest_revision() -> str:
    """The last revision of this release: the number that its file's name begins with.

    >>> latest_revision().isdecimal()
    True
    """
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def present_revision(connection: psycopg.Connection) -> str | None:
    """The database's revision; None where the tables are missing, or older than the first revision."""
    found = connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone()
    if found is None or not found[0]:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return row[0] if row else None


def require_current_schema(connection: psycopg.Connection) -> None:
    """Stop where the shared tables are not those that this release reads and writes.

    Raises:
        SchemaNotCurrent: with the present revision, the needed one, and the command that upgrades.
    """
    present = present_revision(connection)
    if present != latest_revision():
        raise SchemaNotCurrent(present)
