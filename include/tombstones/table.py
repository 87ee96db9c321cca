"""The table ``forgotten``: ids of posts and of accounts that must not come back, and no text.

Whoever lets posts in takes :func:`hold` and leaves out what is there, in one transaction. Forgetting adds
ids under the exclusive form of that lock: so a writer either finds the ids, or has committed before they
are there and is found by the sweep that follows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import psycopg
from psycopg import sql

MARKER = "[forgotten]"
"""What stands in place of a text."""

_LOCK = "hashtextextended('tweetsieve forgotten', 0)"

_ALL = sql.SQL("true")

_MATCHES = {
    "id": "f.kind = 'post' AND f.id = t.id",
    "repeats": "f.kind = 'post' AND f.id = t.repeats",
    "author": "f.kind = 'author' AND f.id = t.author",
}
"""What makes a row of posts a forgotten one, by the column that tells."""


def hold(connection: psycopg.Connection) -> None:
    """Keep ids from being added until the caller's transaction ends; many may hold it at once."""
    connection.execute(f"SELECT pg_advisory_xact_lock_shared({_LOCK})")


def hold_alone(connection: psycopg.Connection) -> None:
    """Wait for everybody who lets posts in at this moment; until the caller's transaction ends."""
    connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")


def any_forgotten(connection: psycopg.Connection) -> bool:
    """Whether there is any id at all: where not, nothing has to be compared."""
    row = connection.execute("SELECT EXISTS (SELECT FROM forgotten)").fetchone()
    return bool(row and row[0])


def forgotten_among(connection: psycopg.Connection, ids: Iterable[str]) -> set[str]:
    """Those of some posts' ids that are forgotten; also where their account is, as far as the id names it."""
    asked = list(ids)
    accounts = {did for one in asked if (did := _did(one))}
    rows = connection.execute(
        "SELECT kind, id FROM forgotten WHERE (kind = 'post' AND id = ANY (%s))"
        " OR (kind = 'author' AND id = ANY (%s))",
        [asked, list(accounts)],
    ).fetchall()
    posts = {one for kind, one in rows if kind == "post"}
    gone = {one for kind, one in rows if kind == "author"}
    return posts | {one for one in asked if _did(one) in gone}


def leave_out(
    connection: psycopg.Connection,
    table: sql.Composable,
    columns: Collection[str],
    only: sql.Composable = _ALL,
) -> int:
    """Delete the forgotten posts' rows of a table that is being filled; how many met ``only``.

    One comparison for each of the columns ``id``, ``repeats`` and ``author`` that the table has.

    Args:
        only: a condition on the row ``t``; the others are deleted as well, and not counted.
    """
    hold(connection)
    if not any_forgotten(connection):
        return 0
    left_out = 0
    for column, match in _MATCHES.items():
        if column in columns:
            query = sql.SQL(
                "WITH gone AS (DELETE FROM {} AS t USING forgotten f WHERE {} RETURNING {} AS counted)"
                " SELECT count(*) FILTER (WHERE counted) FROM gone"
            ).format(table, sql.SQL(match), only)
            row = connection.execute(query).fetchone()
            left_out += row[0] if row else 0
    return left_out


def leave_out_letters(
    connection: psycopg.Connection, table: sql.Composable, only: sql.Composable = _ALL
) -> int:
    """The same for dead letters, whose key is the post's id."""
    hold(connection)
    if not any_forgotten(connection):
        return 0
    query = sql.SQL(
        "WITH gone AS (DELETE FROM {} AS t USING forgotten f"
        " WHERE f.kind = 'post' AND t.key = convert_to(f.id, 'UTF8') RETURNING {} AS counted)"
        " SELECT count(*) FILTER (WHERE counted) FROM gone"
    ).format(table, only)
    row = connection.execute(query).fetchone()
    return row[0] if row else 0


def _did(post_id: str) -> str | None:
    did = post_id.removeprefix("at://").partition("/")[0]
    return did if post_id.startswith("at://did:") else None
