"""The table of a workload's results: how it comes to be, and how a batch's staged rows get there."""

from __future__ import annotations

import psycopg
from psycopg import sql

from include.infra.kafka.offsets import Positions
from include.infra.postgres.partitions import is_partitioned
from include.streaming.results import POSITION, Results
from include.streaming.sinks.postgres_types import postgres_type
from include.streaming.sinks.staging import ATTEMPT, staged_rows

_KEY = sql.SQL(", ").join(sql.Identifier(field.name) for field in POSITION)
_NEW = sql.Identifier("stream_new_rows")


def create_table(connection: psycopg.Connection, results: Results, owner: str | None = None) -> None:
    """Create the table where it is missing: by the workload's own statements, or from its schema.

    Args:
        owner: the group that owns it, of which this session's role is a member; the role itself by default.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('tweetsieve results'))")
        if owner:
            connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(owner)))
        if results.ddl:
            connection.execute(sql.SQL(results.ddl))
        elif not _exists(connection, results.table):
            connection.execute(_definition(results))
        if owner:
            connection.execute("RESET ROLE")  # the transaction may be the caller's, and go on


def add_rows(
    connection: psycopg.Connection,
    results: Results,
    staged: sql.Identifier,
    attempts: list[int],
    *,
    after: bool = True,
    reached: Positions | None = None,
) -> int:
    """Add the staged rows of these task attempts, and run the statements that follow on those that are new.

    That a position is in the table already is rare: after a restore, or where positions are processed
    again under another query. To provide for it in every row costs a fifth more, so that is only done after
    the plain INSERT was refused, or where positions of the rows' range are found in a table in partitions:
    its key holds the time too, and a replayed dead letter has another one.

    Args:
        reached: positions that this table's stream has committed; from them on nothing is in the table.

    Returns:
        How many rows were staged.
    """
    insert = _insert(results, staged_rows(staged, attempts))
    new: sql.Composable = staged_rows(staged, attempts)
    count = (
        None if _meets_others(connection, results, new, reached or {}) else _all_inserted(connection, insert)
    )
    if count is None:
        count = count_rows(connection, staged, attempts)
        _add_missing(connection, _insert(results, _missing(results, new)), staged, attempts)
        new = _NEW
    for statement in results.after if after else ():
        connection.execute(sql.SQL(statement).format(new=new))
    return count


def _all_inserted(connection: psycopg.Connection, insert: sql.Composed) -> int | None:
    """How many rows were inserted; None where one was refused, and so all."""
    try:
        with connection.transaction():  # a savepoint
            return connection.execute(insert).rowcount
    except psycopg.errors.UniqueViolation:
        return None


def _meets_others(
    connection: psycopg.Connection, results: Results, rows: sql.Composable, reached: Positions
) -> bool:
    """Whether a table in partitions has rows between the first and the last position of these.

    Positions from those that are reached on are in no table. Of the others each partition is asked, by its
    key. Until the transaction ends nobody else adds any.
    """
    if not is_partitioned(connection, results.table):
        return False
    lock = "SELECT pg_advisory_xact_lock(hashtextextended('tweetsieve rows of ' || %s, 0))"
    connection.execute(lock, [results.table])
    ranges = sql.SQL(
        "SELECT topic, kafka_partition, min(kafka_offset), max(kafka_offset) FROM {} AS staged GROUP BY 1, 2"
    ).format(rows)
    there = sql.SQL(
        "SELECT EXISTS (SELECT FROM {} WHERE topic = %s AND kafka_partition = %s"
        " AND kafka_offset BETWEEN %s AND %s)"
    ).format(sql.Identifier(results.table))
    for topic, part, first, last in connection.execute(ranges).fetchall():
        known = reached.get(topic, {}).get(part)
        if known is None or first < known:
            row = connection.execute(there, [topic, part, first, last]).fetchone()
            if row and row[0]:
                return True
    return False


def _missing(results: Results, rows: sql.Composable) -> sql.Composed:
    """Those of the rows whose positions the table does not have."""
    return sql.SQL(
        "(SELECT * FROM {rows} AS given WHERE NOT EXISTS (SELECT FROM {table} AS there"
        " WHERE (there.topic, there.kafka_partition, there.kafka_offset)"
        " = (given.topic, given.kafka_partition, given.kafka_offset)))"
    ).format(rows=rows, table=sql.Identifier(results.table))


def count_rows(connection: psycopg.Connection, staged: sql.Identifier, attempts: list[int]) -> int:
    """How many rows of these task attempts are staged."""
    query = sql.SQL("SELECT count(*) FROM {} AS staged").format(staged_rows(staged, attempts))
    row = connection.execute(query).fetchone()
    return row[0] if row else 0


def _insert(results: Results, rows: sql.Composed) -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, results.columns))
    return sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} AS staged").format(
        sql.Identifier(results.table), columns, columns, rows
    )


def _add_missing(
    connection: psycopg.Connection, insert: sql.Composed, staged: sql.Identifier, attempts: list[int]
) -> None:
    """Add the rows whose positions the table does not have, and keep them in a table of their own."""
    connection.execute(sql.SQL("CREATE TEMP TABLE {} (LIKE {}) ON COMMIT DROP").format(_NEW, staged))
    connection.execute(
        sql.SQL(
            "WITH added AS ({insert} ON CONFLICT DO NOTHING RETURNING {key})"
            " INSERT INTO {new} SELECT staged.* FROM {staged} AS staged JOIN added USING ({key})"
            " WHERE staged.{attempt} = ANY({attempts})"
        ).format(
            insert=insert,
            key=_KEY,
            new=_NEW,
            staged=staged,
            attempt=sql.Identifier(ATTEMPT),
            attempts=sql.Literal(attempts),
        )
    )


def _exists(connection: psycopg.Connection, table: str) -> bool:
    row = connection.execute("SELECT to_regclass(%s)", [table]).fetchone()
    return row is not None and row[0] is not None


def _definition(results: Results) -> sql.Composed:
    """The table as its schema says, keyed by the position."""
    fields = [results.schema.field(name) for name in results.columns]
    columns = [
        sql.SQL("{} {}{}").format(
            sql.Identifier(field.name),
            sql.SQL(postgres_type(field)),
            sql.SQL("") if field.nullable else sql.SQL(" NOT NULL"),
        )
        for field in fields
    ]
    return sql.SQL("CREATE TABLE {} ({}, PRIMARY KEY ({}))").format(
        sql.Identifier(results.table), sql.SQL(", ").join(columns), _KEY
    )
