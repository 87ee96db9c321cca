"""Which posts are to go: those that are named, all of an account, and the reposts of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from include.forgetting.search.payloads import Copies
from include.forgetting.search.texts import Quotes

TEMPORARY = "to_forget"
"""A table of this session: the ids (``id``), numbered from 1 (``n``)."""

_POST_TABLES = """
    SELECT n.nspname, c.relname, array_agg(a.attname::text)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
      AND NOT starts_with(c.relname, 'stream_stage_')
      AND (n.nspname = current_schema()
           OR n.nspname ~ '^building_[0-9]+_[0-9a-f]{12}$' AND has_schema_privilege(n.oid, 'USAGE'))
    GROUP BY 1, 2
    HAVING bool_or(a.attname = 'id' AND a.atttypid = 'text'::regtype) AND bool_or(a.attname = 'text')
    ORDER BY n.nspname = current_schema(), 2
"""
"""By the catalogue itself, as information_schema leaves out in silence what this role may not read. Versions
that are being built are their builder's: it leaves out what is forgotten when it publishes them.
"""


@dataclass(frozen=True)
class PostTable:
    """A table with a post in each row: columns ``id`` and ``text``, and others."""

    schema: str
    name: str
    columns: frozenset[str]

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema.startswith("building_") else self.name


@dataclass
class Targets:
    """The ids, also in the session's table TEMPORARY; the accounts; the texts that were found of them."""

    posts: set[str] = field(default_factory=set)
    authors: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)

    @property
    def copies(self) -> Copies:
        return Copies(self.posts, self.authors)

    @property
    def quotes(self) -> Quotes:
        return Quotes(self.posts, self.texts)


def post_tables(connection: psycopg.Connection) -> list[PostTable]:
    """Every table of posts that there is now, unfinished ones first."""
    found = connection.execute(_POST_TABLES).fetchall()
    return [PostTable(schema, name, frozenset(columns)) for schema, name, columns in found]


def find_targets(connection: psycopg.Connection, posts: Iterable[str], authors: Iterable[str]) -> Targets:
    """Fill TEMPORARY with the posts, those of the accounts, and the reposts of both, and look up their texts.

    Args:
        connection: in autocommit; the table lives as long as it.
    """
    connection.execute(
        f"CREATE TEMP TABLE IF NOT EXISTS {TEMPORARY}"
        " (n bigint GENERATED ALWAYS AS IDENTITY UNIQUE, id text PRIMARY KEY)"
    )
    connection.execute(f"TRUNCATE {TEMPORARY} RESTART IDENTITY")
    targets = Targets(authors=set(authors))
    _add(connection, sql.SQL("SELECT unnest(%s::text[])"), [list(posts)])
    tables = post_tables(connection)
    if targets.authors:
        _add_authors(connection, tables, sorted(targets.authors))
    for table in tables:
        if "repeats" in table.columns:
            reposts = sql.SQL("SELECT t.id FROM {} t JOIN {} f ON t.repeats = f.id")
            _add(connection, reposts.format(table.identifier, sql.Identifier(TEMPORARY)))
    connection.execute(f"ANALYZE {TEMPORARY}")
    targets.posts = {one for (one,) in connection.execute(f"SELECT id FROM {TEMPORARY}")}  # noqa: S608
    for table in tables:
        _look_up(connection, table, targets)
    labels = connection.execute(
        f"SELECT e.text FROM label_event e JOIN {TEMPORARY} f ON e.post_id = f.id"  # noqa: S608
    )
    targets.texts |= {text for (text,) in labels}
    targets.texts -= {"", "[forgotten]"}
    return targets


def _add(connection: psycopg.Connection, ids: sql.Composable, values: Sequence[object] = ()) -> None:
    insert = sql.SQL("INSERT INTO {} (id) SELECT DISTINCT id FROM ({}) AS found (id) ON CONFLICT DO NOTHING")
    connection.execute(insert.format(sql.Identifier(TEMPORARY), ids), values)


def _add_authors(connection: psycopg.Connection, tables: Sequence[PostTable], authors: list[str]) -> None:
    """Posts of accounts: by the column ``author``, and by an address that begins with the account's DID."""
    begins = [f"at://{one}/%".replace("_", r"\_") for one in authors if one.startswith("did:")]
    for table in tables:
        conditions = [sql.SQL("id LIKE ANY (%(begins)s)")]
        if "author" in table.columns:
            conditions.append(sql.SQL("author = ANY (%(authors)s)"))
        query = sql.SQL("SELECT id FROM {} WHERE {}").format(
            table.identifier, sql.SQL(" OR ").join(conditions)
        )
        connection.execute(
            sql.SQL(
                "INSERT INTO {} (id) SELECT DISTINCT id FROM ({}) AS found ON CONFLICT DO NOTHING"
            ).format(sql.Identifier(TEMPORARY), query),
            {"begins": begins, "authors": authors},
        )
    labelled = "SELECT post_id FROM label_event WHERE post_id LIKE ANY (%s)"
    if begins:
        _add(connection, sql.SQL(labelled), [begins])


def _look_up(connection: psycopg.Connection, table: PostTable, targets: Targets) -> None:
    """Note the texts of a table's posts."""
    query = sql.SQL("SELECT DISTINCT t.text FROM {} t JOIN {} f USING (id) WHERE t.text IS NOT NULL")
    try:
        found = connection.execute(query.format(table.identifier, sql.Identifier(TEMPORARY)))
        targets.texts |= {text for (text,) in found}
    except psycopg.errors.UndefinedTable:  # replaced meanwhile: whoever did that left forgotten posts out
        return
