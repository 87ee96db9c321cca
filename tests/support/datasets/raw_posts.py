"""A version's raw table, filled from texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import psycopg

from include.datasets.raw_rows import COLUMNS
from include.infra.postgres.copy_rows import copy_rows
from include.schema.dataset_tables import VersionTables, create_raw

NOW = datetime(2020, 4, 5, tzinfo=UTC)
HOSTILE = '=cmd() \'; DROP TABLE label_event; -- \t\\N \\. {a,"b"} %s \u2028 🤖'
"""A text that breaks whatever quotes or escapes carelessly."""


def fill_raw(
    connection: psycopg.Connection, version: int, texts: Iterable[str], ingested_at: datetime = NOW
) -> str:
    table = VersionTables.of(version).raw
    create_raw(connection, table)
    rows: Iterator[tuple[object, ...]] = (
        ("t", 0, n, str(n), NOW, None, "plain", None, text, [text], [], [], ["ai"], False, ingested_at)
        for n, text in enumerate(texts)
    )
    copy_rows(connection, table, COLUMNS, rows)
    return table
