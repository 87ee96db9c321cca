"""A database connection for a page: read-only, with a timeout, its errors in words for the reader."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row

from include.infra.postgres.connection import connect
from include.settings import Settings

TIMEOUT_MILLISECONDS = 5000

ReadOnlyConnection = psycopg.Connection[DictRow]


class CannotShow(Exception):
    """Why a panel stays empty (``why``), and what to do about it (``step``)."""

    def __init__(self, why: str, step: str) -> None:
        super().__init__(f"{why} {step}")
        self.why = why
        self.step = step


@contextmanager
def read_only_connection(settings: Settings) -> Iterator[ReadOnlyConnection]:
    """Connect, with rows as dictionaries.

    Raises:
        CannotShow: the database does not answer, lacks a table, or takes too long.
    """
    try:
        with connect(settings) as connection:
            connection.read_only = True
            connection.execute(
                "SELECT set_config('statement_timeout', %s, true)", [str(TIMEOUT_MILLISECONDS)]
            )
            reader: Any = connection
            reader.row_factory = dict_row
            yield reader
    except psycopg.errors.QueryCanceled as problem:
        raise CannotShow(
            f"The question took longer than {TIMEOUT_MILLISECONDS // 1000} s.",
            "Narrow the search, or clear it.",
        ) from problem
    except psycopg.errors.UndefinedTable as problem:
        raise CannotShow(
            "Nothing has been classified yet: the tables of the stream are not there.",
            "Run the DAG stream_classifier, or 'make demo' for the whole chain.",
        ) from problem
    except psycopg.OperationalError as problem:
        raise CannotShow(
            f"The database at {settings.postgres_host}:{settings.postgres_port} does not answer.",
            "Start the local stack with 'make up' and see 'make status'.",
        ) from problem
