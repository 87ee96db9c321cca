"""The database's places: how the rows of posts are found and removed, or redacted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import LiteralString

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from include.forgetting.search.sweep import NOTHING, Found, Sweep
from include.forgetting.search.targets import TEMPORARY, PostTable, post_tables
from include.schema.dataset_tables import VersionTables
from include.tombstones.table import MARKER

_IDS = sql.Identifier(TEMPORARY)


def versions(sweep: Sweep) -> Found:
    """Rows of every table of posts but the streams' results, which know links and need another way."""
    total = NOTHING
    for table in post_tables(sweep.connection):
        if not _is_result(table):
            total += _delete(sweep, table)
    return total


def results(sweep: Sweep) -> Found:
    """Rows of ``ai_tweets`` and of other workloads' results; with each post its links are counted down."""
    tables = [table for table in post_tables(sweep.connection) if _is_result(table)]
    total = NOTHING
    for table in tables:
        total += _delete_results(sweep, table)
    return total


def _is_result(table: PostTable) -> bool:
    """Whether it is a stream's table: those of dataset versions say how the post came."""
    return "source_kind" not in table.columns


def _delete(sweep: Sweep, table: PostTable) -> Found:
    total = NOTHING
    action = "SELECT count(*) FROM {t} t JOIN {f} f USING (id) WHERE {part}"
    if not sweep.dry_run:
        action = "DELETE FROM {t} t USING {f} f WHERE t.id = f.id AND {part}"
    for after, end in sweep.batches(str(table)):
        part = sql.SQL("f.n > {} AND f.n <= {}").format(after, end)
        total += _executed(sweep, sql.SQL(action).format(t=table.identifier, f=_IDS, part=part))
    return total


def _executed(sweep: Sweep, query: sql.Composed) -> Found:
    """The rows of a statement; none where its table was replaced, by one without forgotten posts."""
    try:
        done = sweep.connection.execute(query)
    except psycopg.errors.UndefinedTable:
        return NOTHING
    row = done.fetchone() if sweep.dry_run else None
    return sweep.counted(row[0] if row else 0) if sweep.dry_run else Found(done.rowcount, done.rowcount)


def _delete_results(sweep: Sweep, table: PostTable) -> Found:
    """The table has no index on ids: it is read once, however many they are, and rows go by their key."""
    key = ("topic", "kafka_partition", "kafka_offset")
    if not set(key) <= table.columns:
        return _delete(sweep, table)
    columns = sql.SQL(", ").join(map(sql.Identifier, key))
    found = sweep.connection.execute(
        sql.SQL("SELECT {} FROM {} JOIN {} USING (id)").format(columns, table.identifier, _IDS)
    ).fetchall()
    if not sweep.dry_run:
        for start in range(0, len(found), 5_000):
            _delete_positions(sweep, table, columns, found[start : start + 5_000])
    return sweep.counted(len(found))


def _delete_positions(
    sweep: Sweep, table: PostTable, columns: sql.Composed, positions: Sequence[tuple[str, int, int]]
) -> None:
    counted = table.name == "ai_tweets"
    returned = sql.SQL(_LINKS if counted else "'{}'::text[], false")
    query = sql.SQL(
        "DELETE FROM {} WHERE ({}) IN (SELECT * FROM unnest(%s::text[], %s::int[], %s::bigint[]))"
        " RETURNING {}"
    ).format(table.identifier, columns, returned)
    with sweep.connection.transaction():
        gone = sweep.connection.execute(query, [list(part) for part in zip(*positions, strict=True)])
        rows = gone.fetchall()
        if counted:
            _count_down(sweep.connection, _linked(rows), _linked([row for row in rows if row[1]]))


_LINKS: LiteralString = """
    links, probability >= coalesce((SELECT threshold FROM ai_threshold known
                                    WHERE known.model_version = ai_tweets.model_version), 0.5)
"""
"""A post's links, and whether it was counted as one about AI."""


def _linked(rows: Sequence[tuple[list[str], bool]]) -> Counter[str]:
    return Counter(link for links, _ in rows for link in dict.fromkeys(links))


def _count_down(connection: psycopg.Connection, counts: Counter[str], on_ai: Counter[str]) -> None:
    """Links lose these posts, and go with the last one. Locked in the order in which streams lock them."""
    if not counts:
        return
    names = sorted(counts)
    connection.execute("SELECT FROM links WHERE link = ANY (%s) ORDER BY link FOR UPDATE", [names])
    connection.execute(
        "UPDATE links l SET posts = l.posts - c.posts, ai_posts = greatest(l.ai_posts - c.ai_posts, 0)"
        " FROM unnest(%s::text[], %s::bigint[], %s::bigint[]) AS c (link, posts, ai_posts)"
        " WHERE l.link = c.link",
        [names, [counts[name] for name in names], [on_ai[name] for name in names]],
    )
    connection.execute("DELETE FROM links WHERE link = ANY (%s) AND posts <= 0", [names])


def labels(sweep: Sweep) -> Found:
    """People's labels: the event stays, its text is redacted, by the one function that may."""
    total = NOTHING
    for after, end in sweep.batches("label_event"):
        ids = "SELECT id FROM {} WHERE n > {} AND n <= {}"
        query = "SELECT redact_labels(ARRAY({}))"
        if sweep.dry_run:
            query = "SELECT count(*) FROM label_event WHERE post_id IN ({}) AND text <> {}"
        part = sql.SQL(ids).format(_IDS, after, end)
        row = sweep.connection.execute(sql.SQL(query).format(part, sql.Literal(MARKER))).fetchone()
        total += sweep.counted(row[0] if row else 0)
    return total


def queues(sweep: Sweep) -> Found:
    """Posts that wait to be labelled, or that somebody has in hand: by the version's hash of the text."""
    total = NOTHING
    for table in post_tables(sweep.connection):
        named = table.name.rpartition("_")[2]
        if "text_hash" not in table.columns or not named.isdecimal():
            continue
        if table.name != VersionTables.of(int(named), sweep.settings).deduplicated:
            continue
        for waiting in ("labelling_lease", "labelling_queue"):
            total += _of_version(sweep, waiting, table, int(named))
    return total


def _of_version(sweep: Sweep, waiting: str, table: PostTable, version: int) -> Found:
    action: LiteralString = "SELECT count(*)" if sweep.dry_run else "DELETE"
    query = sql.SQL(action) + sql.SQL(
        " FROM {} WHERE version = {} AND text_hash IN (SELECT t.text_hash FROM {} t JOIN {} USING (id))"
    ).format(sql.Identifier(waiting), version, table.identifier, _IDS)
    return _executed(sweep, query)


def buckets(sweep: Sweep) -> Found:
    """Example posts of the error buckets; the counts stay."""
    connection, gone = sweep.connection, 0
    with connection.transaction():
        rows = connection.execute(
            "SELECT version, golden, weak, examples FROM labelling_bucket FOR UPDATE"
        ).fetchall()
        for *key, examples in rows:
            kept = [one for one in examples if one.get("id") not in sweep.targets.posts]
            gone += len(examples) - len(kept)
            if len(kept) < len(examples) and not sweep.dry_run:
                connection.execute(
                    "UPDATE labelling_bucket SET examples = %s"
                    " WHERE version = %s AND golden = %s AND weak = %s",
                    [Jsonb(kept), *key],
                )
    return sweep.counted(gone)


_QUOTING = (("stream_incident", "message"), ("stream_restart", "reason"))


def words(sweep: Sweep) -> Found:
    """What programs said as they failed, where it quotes a post."""
    quotes, total = sweep.targets.quotes, 0
    for table, column in _QUOTING:
        names = {"t": sql.Identifier(table), "c": sql.Identifier(column)}
        said = sweep.connection.execute(sql.SQL("SELECT id, {c} FROM {t}").format(**names)).fetchall()
        ids = [number for number, text in said if quotes.within(text)]
        total += len(ids)
        if ids and not sweep.dry_run:
            sweep.connection.execute(
                sql.SQL("UPDATE {t} SET {c} = %s WHERE id = ANY (%s)").format(**names), [MARKER, ids]
            )
    return sweep.counted(total)
