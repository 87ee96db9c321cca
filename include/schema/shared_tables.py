"""The tables that are not versioned, made in the order in which they refer to each other."""

from __future__ import annotations

import psycopg

from include.schema.append_only import APPEND_ONLY
from include.schema.engine import ENGINE
from include.schema.labels import LABELS
from include.schema.promotion import EARLIER_LEDGER, PROMOTION
from include.schema.records import COLLECTION, MODEL_VERSION
from include.schema.results import RESULTS
from include.schema.stream import STREAM

SHARED_TABLES = "".join(
    [COLLECTION, LABELS, MODEL_VERSION, PROMOTION, RESULTS, STREAM, APPEND_ONLY, EARLIER_LEDGER, ENGINE]
)
"""The DDL of the tables that are not versioned; a table comes before what refers to it."""


def create_shared_tables(connection: psycopg.Connection) -> None:
    """Create what is not versioned; harmless where it is there already."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtext('tweetsieve schema'))")
    connection.execute(SHARED_TABLES)
