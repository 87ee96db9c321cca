"""From a workload's declared sinks to the sinks themselves."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from include.settings import Settings
from include.streaming.results import Results
from include.streaming.sink_choices import SinkChoice, ToFiles, ToJdbc, ToKafka, ToPostgres
from include.streaming.sinks.base import Batch, ResultSink
from include.streaming.sinks.batch_sink import BatchSink
from include.streaming.sinks.files import FileSink
from include.streaming.sinks.jdbc import JdbcSink
from include.streaming.sinks.jdbc_url import conninfo_of
from include.streaming.sinks.kafka import KafkaSink
from include.streaming.sinks.postgres import MainDatabase
from include.streaming.sinks.replay import ReplaySink
from include.streaming.state.lease import Lease
from include.streaming.workload import Workload


def make_sink(workload: Workload, settings: Settings, lease: Lease) -> BatchSink:
    """All sinks of a workload's declaration as one.

    Raises:
        BadAddress: a JDBC sink's address is not one of a Postgres database.
    """
    main = MainDatabase(settings, lease, _in_main(workload, settings))
    return BatchSink(settings, lease, main, _others(workload, settings, lease.token, main.has))


def make_replay_sink(workload: Workload, settings: Settings, run: str) -> ReplaySink:
    """The same sinks for a replay named ``run``."""
    others = _others(workload, settings, uuid.uuid4().hex[:8], lambda _: False)
    return ReplaySink(settings, workload.name, run, _in_main(workload, settings), others)


def _in_main(workload: Workload, settings: Settings) -> Results | None:
    in_main = any(isinstance(declared, ToPostgres) for declared in workload.sinks_of(settings))
    return workload.results if in_main else None


def files_folder(workload: Workload, declared: ToFiles, settings: Settings) -> Path:
    """Where a file sink writes."""
    if declared.folder:
        return declared.folder(settings)
    return settings.state_dir.absolute() / "results" / workload.name


def _others(
    workload: Workload, settings: Settings, token: str, has: Callable[[Batch], bool]
) -> tuple[ResultSink[Any], ...]:
    """The sinks outside the main database.

    Args:
        token: tells the staging tables of this process from others'.
        has: whether a batch is committed.
    """

    def made(declared: SinkChoice) -> ResultSink[Any] | None:
        match declared:
            case ToFiles(format=form):
                place = files_folder(workload, declared, settings)
                return FileSink(workload.name, place, form, workload.results.schema, has)
            case ToKafka(topic=topic):
                return KafkaSink(settings, topic(settings))
            case ToJdbc(url=url, user=user, password=password):
                server = conninfo_of(url(settings), user(settings), password(settings).get_secret_value())
                return JdbcSink(workload.name, workload.results, server, token)
        return None

    return tuple(sink for declared in workload.sinks_of(settings) if (sink := made(declared)) is not None)
