"""The sinks that a workload can declare, as data.

Whatever they are, the batch's commit, with the positions reached, and the dead letters go to the main
database.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import SecretStr

from include.settings import Settings


@dataclass(frozen=True)
class ToPostgres:
    """The results' table in the main database, exactly once: in one transaction with the batch's commit."""


@dataclass(frozen=True)
class ToJdbc:
    """The results' table in another database, exactly once.

    The rows and a row that names the batch are one transaction of that database, before the commit in the
    main one. A batch that is processed again finds itself there; a row is keyed by its position.

    Attributes:
        url: such as ``jdbc:postgresql://host:5432/database``; no other kind of database is supported.
        user, password: of the role that owns the tables there.
    """

    url: Callable[[Settings], str]
    user: Callable[[Settings], str] = lambda settings: settings.database_user
    password: Callable[[Settings], SecretStr] = lambda settings: settings.database_password


@dataclass(frozen=True)
class ToFiles:
    """A folder per batch: ``<folder>/<query id>/<batch id>/<task attempt>.<format>``.

    It appears under that name, whole, once the batch is committed. Until then its name begins with ``_``,
    which readers such as Spark and pyarrow pass over.

    Attributes:
        folder: on a disk that all processes share; None means ``<state>/results/<workload>``.
    """

    format: Literal["parquet", "csv"] = "parquet"
    folder: Callable[[Settings], Path] | None = None


@dataclass(frozen=True)
class ToKafka:
    """A topic of JSON objects, at least once: a batch that is processed again sends its rows again.

    The key is the ``topic/partition/offset`` of the message, so that a reader, or log compaction, can drop
    what comes twice.
    """

    topic: Callable[[Settings], str]


SinkChoice: TypeAlias = ToPostgres | ToJdbc | ToFiles | ToKafka
