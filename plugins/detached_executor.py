"""Airflow's LocalExecutor, whose workers hold none of the scheduler's connections to the database.

A forked worker inherits the sockets of the scheduler's connection pool. After a ``kill -9`` of the scheduler
it keeps them open, and Postgres keeps their transactions and locks; where that is the lock of the
scheduler's critical section, the next scheduler never queues a task again.
"""

from __future__ import annotations

from airflow import settings
from airflow.executors.local_executor import LocalExecutor


class DetachedLocalExecutor(LocalExecutor):
    """The same, but connections are closed before a fork; the scheduler opens new ones as it needs them."""

    def _spawn_worker(self) -> None:
        if settings.engine is not None:
            settings.engine.dispose()
        super()._spawn_worker()
