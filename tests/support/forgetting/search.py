"""Looking for a word in everything: every table, every file, every message of a topic."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Iterable
from pathlib import Path

import pyarrow.parquet as pq
from psycopg import sql

from include.infra.kafka.admin import Broker
from include.infra.kafka.consume import read_between
from include.infra.postgres.connection import connect
from include.settings import Settings

_TABLES = """
    SELECT schemaname, tablename FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
      AND NOT (SELECT relispartition FROM pg_class
               WHERE relnamespace = schemaname::regnamespace AND relname = tablename)
    ORDER BY 1, 2
"""


def tables_with(settings: Settings, word: str) -> dict[str, int]:
    """Rows that hold the word, as text or within bytes, by table."""
    found = {}
    with connect(settings) as connection:
        for schema, table in connection.execute(_TABLES).fetchall():
            query = sql.SQL("SELECT count(*) FROM {} t WHERE t::text ILIKE %s OR t::text LIKE %s")
            row = connection.execute(
                query.format(sql.Identifier(schema, table)), [f"%{word}%", f"%{word.encode().hex()}%"]
            ).fetchone()
            if row and row[0]:
                found[table] = row[0]
    return found


def files_with(folders: Iterable[Path], word: str) -> list[str]:
    """Names of files that hold the word, packed or not; but for the servers' own folders."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return sorted(path.name for path in files if word in _content(path).lower())


def _content(path: Path) -> str:
    raw = path.read_bytes()
    if raw.startswith(b"PAR1"):
        return str(pq.read_table(path).to_pylist())
    if raw.startswith(b"\x1f\x8b"):
        raw = gzip.decompress(raw)
    elif raw.startswith(b"BZh"):
        raw = bz2.decompress(raw)
    return raw.decode("utf-8", "replace")


def topic(settings: Settings, name: str) -> list[tuple[bytes | None, bytes | None]]:
    """The messages of a topic: key and value."""
    broker = Broker(settings)
    found = read_between(settings, name, broker.lows([name])[name], broker.highs([name])[name])
    return [(one.key(), one.value()) for one in found]
