"""What the DAG ``stream_classifier`` does to a workload: it ensures and it drains."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from include.infra.postgres.connection import connect
from include.schema.revision import require_current_schema
from include.settings import Settings, get_settings
from include.streaming.control import launcher
from include.streaming.control.first_progress import wait_for_progress
from include.streaming.control.producers import (
    NONE,
    chosen_producer,
    configure_producer,
    embedded_services,
    start_producer,
    start_services,
    stop_producer,
    stop_services,
)
from include.streaming.registry import workload_named
from include.streaming.scorers.plan import scorer_name
from include.streaming.state.desired_state import choose_scorer, want
from include.task_log import counted, log_result

log = logging.getLogger(__name__)

FIRST_PROGRESS_SECONDS = 900.0


def ensure_stream(
    name: str, *, scorer: str | None = None, feed: str = NONE, source: str | None = None
) -> None:
    """Have a workload's stream and its producer run, and wait until the stream makes progress.

    Args:
        name: the workload.
        scorer: one of its scorers by name; None: as the settings say. A stream that runs with another
            choice is drained and started again.
        feed: one of its producers by name, or NONE.
        source: what the producer sends; None: its own choice.

    Raises:
        UserError: no such workload, scorer or producer, or a source that can't be sent.
        StreamDown: the stream ended, or makes no progress.
    """
    settings, began = get_settings(), datetime.now(UTC)
    workload = workload_named(name, settings)
    workload.check_settings()
    scorer_name(workload, settings, scorer)  # before anything is started
    producer = chosen_producer(workload, feed)
    configure_producer(settings, producer, source)
    _is_to_run(settings, name, scorer)
    start_services(settings, workload)
    log.info("the stream of %s: %s", name, launcher.ensure(settings, name))
    start_producer(settings, producer)
    progress = wait_for_progress(settings, name, FIRST_PROGRESS_SECONDS, began)
    log_result(f"the stream of {name} runs and makes progress: {counted(progress)}")


def check_choice(name: str, *, scorer: str | None = None, feed: str = NONE) -> None:
    """Refuse what the workload has not, before anything is started.

    Raises:
        UserError: no such workload, scorer or producer; lists those there are. Or a setting means nothing.
    """
    settings = get_settings()
    workload = workload_named(name, settings)
    workload.check_settings()
    scorer_name(workload, settings, scorer)
    chosen_producer(workload, feed)


def ensure_services(name: str) -> None:
    """Have the services run that a workload scores with.

    Raises:
        UserError: no such workload, or the local stack is down.
    """
    settings = get_settings()
    workload = workload_named(name, settings)
    start_services(settings, workload)
    started = ", ".join(one.name for one in embedded_services(settings, workload))
    log_result(f"services of {name}: {started or 'none is run here'}")


def drain_stream(name: str) -> None:
    """Stop a workload's producers, let its stream end its batch, and stop its services.

    Raises:
        UserError: no such workload.
    """
    settings = get_settings()
    workload = workload_named(name, settings)
    _is_not_to_run(settings, name)  # first, or a watcher would start it again
    for producer in workload.producers.values():
        stop_producer(settings, producer)
    launcher.drain(settings, name)
    stop_services(settings, workload)
    _is_not_to_run(settings, name)  # again, for a stream that was just starting and has noted that it runs
    log_result(f"the stream of {name} is drained")


def _is_to_run(settings: Settings, name: str, scorer: str | None) -> None:
    """Note that the workload is to run and with which scorer; a stream with another one is drained.

    The choice is committed after the drain: where this process dies in between, the next try drains again.
    Until then the row's lock keeps a watcher from starting the stream with the former scorer.
    """
    with connect(settings) as connection:
        require_current_schema(connection)
        if choose_scorer(connection, name, scorer):
            log.info("%s gets another scorer: its stream is drained first", name)
            launcher.drain(settings, name)
        want(connection, name, running=True)


def _is_not_to_run(settings: Settings, name: str) -> None:
    with connect(settings) as connection:
        require_current_schema(connection)
        want(connection, name, running=False)
