"""The tables of a dataset version: their names, columns, keys and indexes.

Names of versioned tables are built from a validated integer and a validated prefix, and are
also quoted as identifiers; no content of a post ever becomes part of a statement.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql

from include.errors import UserError
from include.schema.dataset_version import parse_version
from include.settings import Settings, get_settings

POST_COLUMNS = """
    topic           text        NOT NULL,
    kafka_partition integer     NOT NULL,
    kafka_offset    bigint      NOT NULL,
    id              text        NOT NULL,
    created_at      timestamptz,
    source          text,
    source_kind     text        NOT NULL,
    lang            text,
    text            text        NOT NULL,
    links           text[]      NOT NULL,
    media           text[]      NOT NULL,
    hashtags        text[]      NOT NULL,
    keywords        text[]      NOT NULL,
    is_retweet      boolean     NOT NULL,
    ingested_at     timestamptz NOT NULL
"""
"""Columns of a post, in order. ``ingested_at`` is the Kafka record's own timestamp."""

RAW_COLUMNS = (
    POST_COLUMNS
    + """,
    author  text,
    repeats text
"""
)
"""A raw post's, by which all posts of an account, and all reposts of a post, are found to be forgotten."""

DEDUPLICATED_COLUMNS = (
    POST_COLUMNS
    + """,
    text_hash            text NOT NULL,
    near_duplicate_group text NOT NULL
"""
)

SPLIT_COLUMNS = (
    DEDUPLICATED_COLUMNS
    + """,
    weak_label       smallint CHECK (weak_label IN (0, 1)),
    weak_probability double precision CHECK (weak_probability BETWEEN 0 AND 1)
"""
)
"""A split's columns. An abstaining post keeps both weak columns NULL and never enters training."""

SPLITS = ("test", "dev", "snorkel_train", "train")


@dataclass(frozen=True)
class VersionTables:
    """Names of the tables of one dataset version.

    >>> VersionTables.of(3).deduplicated
    'deduplicated_raw_tweet_dataset_3'
    >>> VersionTables.of(3).split("snorkel_train")
    'snorkel_train_dataset_3'
    """

    version: int
    prefix: str

    @classmethod
    def of(cls, version: int | str, settings: Settings | None = None) -> VersionTables:
        return cls(parse_version(version), (settings or get_settings()).dataset_prefix)

    @property
    def raw(self) -> str:
        return f"{self.prefix}_{self.version}"

    @property
    def deduplicated(self) -> str:
        return f"deduplicated_{self.raw}"

    def split(self, name: str) -> str:
        if name not in SPLITS:
            raise ValueError(f"split {name!r} is none of {', '.join(SPLITS)}")
        return f"{name}_dataset_{self.version}"

    @property
    def splits(self) -> dict[str, str]:
        return {name: self.split(name) for name in SPLITS}

    @property
    def all(self) -> list[str]:
        """Every table of the version, in the order in which it is built."""
        return [self.raw, self.deduplicated, *self.splits.values()]


@dataclass(frozen=True)
class Layout:
    """Columns, primary key and indexes of one kind of versioned table."""

    columns: str
    key: str
    indexes: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()


RAW = Layout(RAW_COLUMNS, "topic, kafka_partition, kafka_offset", indexes=("id",))
"""One row per Kafka position."""
DEDUPLICATED = Layout(DEDUPLICATED_COLUMNS, "id", indexes=("near_duplicate_group",), unique=("text_hash",))
"""One row per post and per normalised text."""
SPLIT = Layout(SPLIT_COLUMNS, "id", unique=("text_hash",))
"""Test, dev, snorkel_train or train."""


def create_raw(connection: psycopg.Connection, table: str, *, unlogged: bool = False) -> None:
    """Create an empty raw table; one row per Kafka position."""
    _create(connection, table, RAW, unlogged)


def create_deduplicated(connection: psycopg.Connection, table: str, *, unlogged: bool = False) -> None:
    """Create an empty deduplicated table; one row per post and per normalised text."""
    _create(connection, table, DEDUPLICATED, unlogged)


def create_split(connection: psycopg.Connection, table: str, *, unlogged: bool = False) -> None:
    """Create an empty split table (test, dev, snorkel_train or train)."""
    _create(connection, table, SPLIT, unlogged)


def add_keys(connection: psycopg.Connection, table: str, layout: Layout) -> None:
    """Give a table that was filled without them its primary key and indexes: cheaper than row by row.

    Raises:
        psycopg.errors.UniqueViolation: the rows break the key.
    """
    connection.execute(
        sql.SQL("ALTER TABLE {} ADD PRIMARY KEY ({})").format(sql.Identifier(table), sql.SQL(layout.key))
    )
    _indexes(connection, table, layout)


def _create(connection: psycopg.Connection, table: str, layout: Layout, unlogged: bool) -> None:
    statement = "CREATE {} TABLE IF NOT EXISTS {} ({}, PRIMARY KEY ({}))"
    connection.execute(
        sql.SQL(statement).format(
            sql.SQL("UNLOGGED" if unlogged else ""),
            sql.Identifier(table),
            sql.SQL(layout.columns),
            sql.SQL(layout.key),
        )
    )
    _indexes(connection, table, layout)


def _indexes(connection: psycopg.Connection, table: str, layout: Layout) -> None:
    for column in layout.indexes:
        _index(connection, table, column)
    for column in layout.unique:
        _index(connection, table, column, unique=True)


def _index(connection: psycopg.Connection, table: str, column: str, *, unique: bool = False) -> None:
    connection.execute(
        sql.SQL("CREATE {} INDEX IF NOT EXISTS {} ON {} ({})").format(
            sql.SQL("UNIQUE" if unique else ""),
            sql.Identifier(f"{table}_{column}_idx"),
            sql.Identifier(table),
            sql.Identifier(column),
        )
    )


def table_exists(connection: psycopg.Connection, table: str) -> bool:
    """Whether the table is there, in the connection's search path."""
    row = connection.execute("SELECT to_regclass(quote_ident(%s)) IS NOT NULL", [table]).fetchone()
    return bool(row and row[0])


class MissingTable(UserError, LookupError):
    """A table that an earlier DAG creates is missing."""


def require_table(connection: psycopg.Connection, table: str, made_by: str) -> None:
    """Stop with the name of the DAG to run where a table is missing.

    Raises:
        MissingTable: naming the table and the DAG ``made_by``.
    """
    if not table_exists(connection, table):
        raise MissingTable(f"table {table} is missing: run the DAG {made_by} for this version first")
