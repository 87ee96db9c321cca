"""The monitor: once a second it takes a snapshot of each workload, records its alerts and notifies people."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime

import psycopg

from include.infra.disk import disks
from include.infra.postgres.connection import connect
from include.settings import Settings
from include.streaming.monitor import incidents
from include.streaming.monitor.channels import Channel, channels_of
from include.streaming.monitor.machine import MACHINE, disk_alerts
from include.streaming.monitor.metrics import Metrics
from include.streaming.monitor.notify import RECOVERED, Notifier
from include.streaming.monitor.rules import alerts
from include.streaming.monitor.snapshot import StreamSnapshot, monitored, take_snapshot
from include.streaming.monitor.workloads import MonitoredWorkload, MonitoredWorkloads
from include.streaming.registry import workload_names

log = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
DATABASE_SECONDS = 30.0
"""A database that has not answered for longer is an alert, which can't be recorded there."""

_CHECKED = """
INSERT INTO stream_monitor (workload, checked_at) VALUES (%s, %s)
ON CONFLICT (workload) DO UPDATE SET checked_at = EXCLUDED.checked_at
"""


class Monitor:
    """Monitors every workload that is to run or has ever run.

    Of several monitors on one database only the one that holds an advisory lock records and notifies; the
    others show metrics.

    Args:
        channels: where alerts go; by default those of the settings.
        names: the workloads that there are, asked in each round.
    """

    def __init__(
        self,
        settings: Settings,
        channels: Sequence[Channel] | None = None,
        names: Callable[[Settings], Sequence[str]] = workload_names,
    ) -> None:
        self._settings = settings
        self._names = names
        self._workloads = MonitoredWorkloads(settings)
        self.metrics = Metrics()
        chosen = channels_of(settings) if channels is None else channels
        self._notifier = Notifier(chosen, self.metrics.undelivered)
        self._connection: psycopg.Connection | None = None
        self._notifies = False
        self._last_answer = time.monotonic()
        self._outage_told = False

    def run(self, stop: threading.Event) -> None:
        """Monitor until ``stop`` is set."""
        while not stop.wait(EVERY_SECONDS):
            self.check()
        self.close()

    def close(self) -> None:
        """Leave recording and notifying to another monitor."""
        if self._connection:
            self._connection.close()

    def check(self) -> None:
        """One round; an outage of the database is waited out and notified."""
        try:
            connection = self._connected()
            for name in monitored(connection, self._names(self._settings)):
                self._check_workload(connection, self._workloads.named(name))
            self._check_disks(connection)
            self.metrics.show_incidents(incidents.open_by_kind(connection))
            if self._notifies:
                self._notifier.notify(connection)
        except psycopg.Error as problem:
            self._outage(problem)
        else:
            self._recover()

    def _check_workload(self, connection: psycopg.Connection, workload: MonitoredWorkload) -> None:
        checked = _last_check(connection, workload.name)
        snapshot = take_snapshot(connection, workload.name, workload.source_error, checked)
        self.metrics.show(snapshot, workload.thresholds.silence_seconds)
        if self._notifies:
            with connection.transaction():
                _record(connection, snapshot, workload)

    def _check_disks(self, connection: psycopg.Connection) -> None:
        found = disks(self._settings)
        self.metrics.show_disks(found)
        if self._notifies:
            alerts_now = disk_alerts(found, self._settings)
            with connection.transaction():
                incidents.record(connection, MACHINE, alerts_now, self._settings.alert_quiet_seconds)

    def _connected(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            self._notifies = False
            self._connection = connect(self._settings, autocommit=True)
        if not self._notifies:
            row = self._connection.execute(
                "SELECT pg_try_advisory_lock(hashtext('tweetsieve monitor'))"
            ).fetchone()
            self._notifies = bool(row and row[0])
        return self._connection

    def _outage(self, problem: psycopg.Error) -> None:
        self.metrics.database_up.set(0)
        self.close()
        seconds = time.monotonic() - self._last_answer
        if seconds > DATABASE_SECONDS and not self._outage_told:
            self._outage_told = True
            text = f"the database does not answer for more than {DATABASE_SECONDS:.0f} s"
            for alert in disk_alerts(disks(self._settings), self._settings):  # may be why
                text += f"; {alert.message}"
            self._notifier.send_all("[tweetsieve] database down", text)
            log.warning("%s: %s", text, str(problem).strip())

    def _recover(self) -> None:
        self.metrics.database_up.set(1)
        if self._outage_told:
            seconds = time.monotonic() - self._last_answer
            title = f"[tweetsieve] database down {RECOVERED}"
            self._notifier.send_all(title, f"it answers after {seconds:.0f} s")
        self._last_answer, self._outage_told = time.monotonic(), False


def _record(connection: psycopg.Connection, snapshot: StreamSnapshot, workload: MonitoredWorkload) -> None:
    limits = workload.thresholds
    incidents.record(connection, workload.name, alerts(snapshot, limits), limits.quiet_seconds)
    connection.execute(_CHECKED, [workload.name, snapshot.at])


def _last_check(connection: psycopg.Connection, workload: str) -> datetime | None:
    row = connection.execute(
        "SELECT checked_at FROM stream_monitor WHERE workload = %s", [workload]
    ).fetchone()
    return row[0] if row else None
