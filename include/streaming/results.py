"""What a workload writes for each message: the columns, the table, and the statements that follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, LiteralString, TypeAlias

import psycopg
import pyarrow as pa

from include.errors import UserError

POSITION = (
    pa.field("topic", pa.string(), nullable=False),
    pa.field("kafka_partition", pa.int32(), nullable=False),
    pa.field("kafka_offset", pa.int64(), nullable=False),
)
"""Where in Kafka a row's message is; the key of every results table."""

ARRIVED_AT = pa.field("arrived_at", pa.timestamp("us", "UTC"))
"""The Kafka record's time, for a workload that keeps it."""

MESSAGE_KEY = pa.field("message_key", pa.binary())
"""The Kafka message's key, for a workload that keeps it; null for a message without one."""

MODEL_VERSION = "model_version"
"""The field that takes the version of the scorer that answered, as text or as a number."""


class BadWorkload(UserError):
    """A declaration that contradicts itself."""


Derive: TypeAlias = Callable[[Mapping[str, pa.Array]], Mapping[str, Any]]
Count: TypeAlias = Callable[[pa.RecordBatch], Mapping[str, int]]
Prepare: TypeAlias = Callable[[psycopg.Connection], None]


@dataclass(frozen=True)
class Results:
    """The rows of a workload, one per message, and where they go.

    A field of ``schema`` is found by its name: in :data:`POSITION`, ``arrived_at``, ``message_key`` and
    ``model_version``, else in what ``derive`` gives, the scorer's outputs, the decoder's columns.

    Attributes:
        schema: the columns, the fields of :data:`POSITION` among them.
        table: name of the table in Postgres.
        ddl: statements that create it where it does not exist, and its indexes. Empty: the engine
            creates it from the schema, keyed by the position; or it is one of the shared tables.
        prepare: called with a connection in autocommit when a stream starts, after ``ddl``; must change
            nothing when called again.
        staged_only: columns that only ``after`` reads; the table does not have them.
        after: SQL statements run in the transaction that adds a batch, in this order. ``{new}`` stands
            for the rows that were added, with all columns of ``schema``; a position that was there already
            is not among them, so that nothing is counted twice.
        derive: computes columns from the decoder's and the scorer's, by name.
        count: counts something in the rows of a batch; the sums are kept with the batch's commit.
    """

    schema: pa.Schema
    table: str
    ddl: LiteralString = ""
    prepare: Prepare | None = None
    staged_only: frozenset[str] = frozenset()
    after: tuple[LiteralString, ...] = ()
    derive: Derive | None = None
    count: Count | None = None

    def __post_init__(self) -> None:
        missing = [field.name for field in POSITION if field.name not in self.schema.names]
        if missing:
            raise BadWorkload(
                f"the results for table {self.table} lack the columns {', '.join(missing)}: "
                "begin their schema with *POSITION"
            )

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns of strings, among which a post's ids are."""
        return tuple(field.name for field in self.schema if pa.types.is_string(field.type))

    @property
    def columns(self) -> tuple[str, ...]:
        """The table's columns, in the schema's order."""
        return tuple(name for name in self.schema.names if name not in self.staged_only)
