"""The table ``stream_incident``: each alert once, from when it was first raised to its end, and who was told.

Kept in Postgres, so that a monitor that is restarted neither repeats a message nor loses one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from include.streaming.monitor.alerts import Alert

_OPEN = """
INSERT INTO stream_incident (workload, kind, subject, message) VALUES (%s, %s, %s, %s)
ON CONFLICT (workload, kind, subject) WHERE closed_at IS NULL DO UPDATE SET seen_at = now()
"""
_CLOSE = """
UPDATE stream_incident SET closed_at = now()
WHERE workload = %s AND closed_at IS NULL AND seen_at < now() - make_interval(secs => %s)
"""
_UNTOLD = """
SELECT id, workload, kind, subject, message, opened_at, closed_at, told, told_recovered FROM stream_incident
WHERE (NOT told @> %(channels)s OR (closed_at IS NOT NULL AND NOT told_recovered @> %(channels)s))
  AND coalesce(closed_at, now()) > now() - interval '1 hour'
ORDER BY id
"""
_MARK_TOLD = {
    False: "UPDATE stream_incident SET told = told || %s::text WHERE id = %s",
    True: "UPDATE stream_incident SET told_recovered = told_recovered || %s::text WHERE id = %s",
}


@dataclass(frozen=True)
class Incident:
    """One alert and its end; ``told`` and ``told_recovered`` name the channels that know of each."""

    id: int
    workload: str
    kind: str
    subject: str
    message: str
    opened_at: datetime
    closed_at: datetime | None
    told: list[str]
    told_recovered: list[str]

    def due(self, channel: str) -> list[bool]:
        """What the channel has to be told, in order: False the alert, True its end."""
        untold = [] if channel in self.told else [False]
        return [*untold, True] if self.closed_at and channel not in self.told_recovered else untold


def record(connection: psycopg.Connection, workload: str, alerts: Iterable[Alert], quiet: float) -> None:
    """Open incidents for new alerts, keep those open that are still raised, close the others.

    Args:
        quiet: seconds for which an alert must not have been raised until its incident is closed.
    """
    for alert in alerts:
        connection.execute(_OPEN, [workload, alert.kind, alert.subject, alert.message])
    connection.execute(_CLOSE, [workload, quiet])


def untold(connection: psycopg.Connection, channels: Collection[str]) -> list[Incident]:
    """Incidents of which a channel does not know the alert or the end; the oldest first."""
    with connection.cursor(row_factory=class_row(Incident)) as cursor:
        return cursor.execute(_UNTOLD, {"channels": list(channels)}).fetchall()


def mark_told(connection: psycopg.Connection, incident: Incident, channel: str, *, recovered: bool) -> None:
    """Note that the channel was told of the alert, or of its end."""
    connection.execute(_MARK_TOLD[recovered], [channel, incident.id])


def open_by_kind(connection: psycopg.Connection) -> dict[tuple[str, str], int]:
    """Open incidents by workload and kind."""
    rows = connection.execute(
        "SELECT workload, kind, count(*) FROM stream_incident WHERE closed_at IS NULL GROUP BY 1, 2"
    ).fetchall()
    return {(workload, kind): count for workload, kind, count in rows}
