"""Tables of the main database that grow with time, and which of their rows stay whatever their age."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from include.errors import UserError
from include.housekeeping import batches
from include.housekeeping.batches import OldRows, count_old, delete_old
from include.housekeeping.expiry import count_expired, expire
from include.housekeeping.kept import Size
from include.infra.postgres.connection import connect
from include.infra.postgres.partitions import is_partitioned
from include.schema.dataset_tables import table_exists
from include.settings import Settings
from include.streaming.registry import workload_named, workload_names
from include.streaming.results import ARRIVED_AT, POSITION

log = logging.getLogger(__name__)

_BEFORE_THE_LATEST: LiteralString = """
    id < (SELECT known.first FROM unnest(%(workloads)s::text[], %(firsts)s::bigint[]) AS known (name, first)
          WHERE known.name = workload)
"""
"""Rows of a workload before its latest 1000. The commit with the highest id has all its positions and topic
ids: without it the stream would begin again."""

_LATEST_COMMITS: LiteralString = """
    SELECT array_agg(workload) AS workloads, array_agg(last - 1000) AS firsts
    FROM (SELECT workload, max(id) AS last FROM stream_commit GROUP BY workload) AS latest
"""
_LATEST_PROGRESS: LiteralString = """
    SELECT array_agg(workload) AS workloads, array_agg(last - 1000) AS firsts,
           coalesce(array_agg(batch) FILTER (WHERE batch IS NOT NULL), '{}') AS batches
    FROM (SELECT workload, max(id) AS last, max(id) FILTER (WHERE posts > 0 AND durations_ms <> '{}') AS batch
          FROM stream_progress GROUP BY workload) AS latest
"""
"""The last batch that had messages is what the monitor reports of a stream for which there are none now."""


@dataclass(frozen=True)
class KeptTable:
    """Rows of one table; see :class:`include.housekeeping.kept.Kept`.

    Attributes:
        only: rows that don't meet it are kept whatever their age.
        lookup: a query of one row, whose columns are parameters of ``only``.
    """

    name: str
    setting: str
    table: str
    time: str
    key: tuple[str, ...]
    only: LiteralString = "true"
    lookup: LiteralString = ""

    def outdated(self, settings: Settings, days: int) -> int:
        with connect(settings, autocommit=True) as connection:
            if not table_exists(connection, self.table):
                return 0
            old = self._old(connection, days)
            whole = is_partitioned(connection, self.table)
            return count_expired(connection, old) if whole else count_old(connection, old)

    def remove(self, settings: Settings, days: int) -> Iterator[int]:
        with connect(settings, autocommit=True) as connection:
            if not table_exists(connection, self.table):
                return
            old = self._old(connection, days)
            if is_partitioned(connection, self.table):
                yield from expire(connection, old)
            else:
                yield from delete_old(connection, old, batches.BATCH)

    def size(self, settings: Settings) -> Size:
        query = """
            SELECT CASE WHEN bool_or(reltuples < 0) THEN NULL ELSE sum(reltuples)::bigint END,
                   sum(pg_total_relation_size(oid))::bigint
            FROM pg_class
            WHERE relkind <> 'p' AND (oid = %(table)s::regclass OR oid IN (SELECT relid FROM
                  pg_partition_tree(%(table)s::regclass)))
        """
        with connect(settings, autocommit=True) as connection:
            if not table_exists(connection, self.table):
                return Size(0, 0)
            name = sql.Identifier(self.table).as_string(connection)
            row = connection.execute(query, {"table": name}).fetchone()
            count, size = row or (None, 0)
            if count is None or count < COUNTED_BELOW:
                count = _count(connection, self.table)
            return Size(count, size)

    def _old(self, connection: psycopg.Connection, days: int) -> OldRows:
        values: Mapping[str, Any] = {}
        if self.lookup:
            with connection.cursor(row_factory=dict_row) as cursor:
                values = cursor.execute(self.lookup).fetchone() or {}
        return OldRows(self.table, self.time, self.key, _before(connection, days), self.only, values)


COUNTED_BELOW = 100_000
"""A table that is taken to have fewer rows is counted."""

_DEAD_LETTER = ("workload", "topic", "kafka_partition", "kafka_offset")
_STREAMS: LiteralString = "stage <> 'collect'"
"""Those of a collection belong to its dataset version, and go with it: ``clean_dataset``."""

SHARED = (
    KeptTable(
        "progress rows", "keep_progress_days", "stream_progress", "created_at", ("id",),
        _BEFORE_THE_LATEST + " AND id <> ALL (%(batches)s)", _LATEST_PROGRESS,
    ),
    KeptTable(
        "commits", "keep_commits_days", "stream_commit", "committed_at", ("id",),
        _BEFORE_THE_LATEST, _LATEST_COMMITS,
    ),
    KeptTable(
        "dead letters", "keep_dead_letters_days", "dead_letter", "created_at", _DEAD_LETTER,
        f"replayed_at IS NULL AND {_STREAMS}",
    ),
    KeptTable(
        "replayed dead letters", "keep_replayed_days", "dead_letter", "replayed_at", _DEAD_LETTER, _STREAMS
    ),
    KeptTable("links", "keep_links_days", "links", "last_seen", ("link",)),
    KeptTable("cards to repost", "keep_links_days", "repost_card", "last_seen", ("card",)),
    KeptTable("closed incidents", "keep_incidents_days", "stream_incident", "closed_at", ("id",)),
    KeptTable("restarts", "keep_incidents_days", "stream_restart", "at", ("id",)),
    KeptTable(
        "ended rollouts", "keep_rollouts_days", "rollout", "finished_at", ("id",),
        "step = 'ended' AND id <> ALL (%(latest)s)",
        "SELECT coalesce(array_agg(id), '{}') AS latest"
        " FROM (SELECT max(id) AS id FROM rollout GROUP BY model_name, target) AS known",
    ),
)  # fmt: skip
"""Not among them, and never touched: labels, what curators did, the promotion ledger with its evidence and
scorings, traffic shares, losses, models, collections and the tables of dataset versions."""


def result_tables(settings: Settings) -> list[KeptTable]:
    """The streams' result tables that say when a message arrived, each once.

    A workload that does not load is passed over with a warning: its rows stay.
    """
    found: dict[str, KeptTable] = {}
    for name in workload_names(settings):
        try:
            results = workload_named(name, settings).results
        except UserError as problem:
            log.warning("the rows of workload %s are not looked at: %s", name, problem)
            continue
        if ARRIVED_AT.name in results.columns:
            key = tuple(column.name for column in POSITION)
            found.setdefault(
                results.table,
                KeptTable(f"rows of {results.table}", "keep_posts_days", results.table, ARRIVED_AT.name, key),
            )
    return list(found.values())


def _before(connection: psycopg.Connection, days: int) -> datetime:
    """So many days ago, by the database's clock, which wrote the rows' times."""
    row = connection.execute("SELECT now() - make_interval(days => %s)", [days]).fetchone()
    assert row is not None
    return row[0]


def _count(connection: psycopg.Connection, table: str) -> int:
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    return row[0] if row else 0
