"""The monitor: once a second it reads, judges, remembers and tells."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from datetime import datetime

import psycopg

from include.infra.postgres.connection import connect
from include.settings import Settings
from include.streaming.monitor import incidents
from include.streaming.monitor.channels import Channel, channels_of
from include.streaming.monitor.metrics import Metrics
from include.streaming.monitor.notify import Delivery
from include.streaming.monitor.rules import troubles
from include.streaming.monitor.snapshot import Reading, read
from include.streaming.registry import workload_named, workload_names
from include.streaming.workload import Workload

log = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
DATABASE_SECONDS = 30.0
"""A database that does not answer for longer is an alert, told without being remembered there."""


class Monitor:
    """Watches workloads. Of several monitors on one database only one tells; the others show metrics."""

    def __init__(
        self,
        settings: Settings,
        workloads: Sequence[Workload] | None = None,
        channels: Sequence[Channel] | None = None,
    ) -> None:
        self._settings = settings
        if workloads is None:
            workloads = [workload_named(name, settings) for name in workload_names(settings)]
        self._workloads = workloads
        self.metrics = Metrics()
        chosen = channels_of(settings) if channels is None else channels
        self._delivery = Delivery(chosen, self.metrics.undelivered)
        self._connection: psycopg.Connection | None = None
        self._tells = False
        self._answered = time.monotonic()
        self._database_told = False

    def run(self, stop: threading.Event) -> None:
        """Watch until told to stop."""
        while not stop.wait(EVERY_SECONDS):
            self.look()
        self.close()

    def close(self) -> None:
        """Leave the telling to another monitor."""
        if self._connection:
            self._connection.close()

    def look(self) -> None:
        """One round; an outage of the database is waited out and told."""
        try:
            connection = self._connected()
            for workload in self._workloads:
                self._judge(connection, workload)
            self.metrics.show_incidents(incidents.open_by_kind(connection))
            if self._tells:
                self._delivery.deliver(connection)
        except psycopg.Error as problem:
            self._outage(problem)
        else:
            self._recover()

    def _judge(self, connection: psycopg.Connection, workload: Workload) -> None:
        looked = _looked_at(connection, workload.name)
        reading = read(connection, workload.name, workload.topics(self._settings), looked)
        self.metrics.show(reading, self._settings.alert_silence_seconds)
        if self._tells:
            with connection.transaction():
                self._remember(connection, reading)

    def _remember(self, connection: psycopg.Connection, reading: Reading) -> None:
        found = troubles(reading, self._settings)
        incidents.see(connection, reading.workload, found, self._settings.alert_quiet_seconds)
        connection.execute(
            "INSERT INTO stream_monitor VALUES (%s, %s)"
            " ON CONFLICT (workload) DO UPDATE SET checked_at = EXCLUDED.checked_at",
            [reading.workload, reading.at],
        )

    def _connected(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            self._tells = False
            self._connection = connect(self._settings, autocommit=True)
        if not self._tells:
            row = self._connection.execute(
                "SELECT pg_try_advisory_lock(hashtext('tweetsieve monitor'))"
            ).fetchone()
            self._tells = bool(row and row[0])
        return self._connection

    def _outage(self, problem: psycopg.Error) -> None:
        self.metrics.database_up.set(0)
        self.close()
        away = time.monotonic() - self._answered
        if away > DATABASE_SECONDS and not self._database_told:
            self._database_told = True
            text = f"the database does not answer for more than {DATABASE_SECONDS:.0f} s"
            self._delivery.send_all("[tweetsieve] database down", text)
            log.warning("%s: %s", text, str(problem).strip())

    def _recover(self) -> None:
        self.metrics.database_up.set(1)
        if self._database_told:
            away = time.monotonic() - self._answered
            self._delivery.send_all("[tweetsieve] database down is over", f"it answers after {away:.0f} s")
        self._answered, self._database_told = time.monotonic(), False


def _looked_at(connection: psycopg.Connection, workload: str) -> datetime | None:
    row = connection.execute(
        "SELECT checked_at FROM stream_monitor WHERE workload = %s", [workload]
    ).fetchone()
    return row[0] if row else None
