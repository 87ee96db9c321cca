"""The table ``stream_incident``: each trouble once, from its first sight to its end, and who was told.

Kept in Postgres, so that a monitor that starts anew neither repeats a message nor forgets one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from include.streaming.monitor.rules import Trouble

_SEE = """
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
_TELL = {
    False: "UPDATE stream_incident SET told = told || %s::text WHERE id = %s",
    True: "UPDATE stream_incident SET told_recovered = told_recovered || %s::text WHERE id = %s",
}


@dataclass(frozen=True)
class Incident:
    """One trouble; ``told`` and ``told_recovered`` name the channels that know."""

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
        """What the channel has to be told, in order: False the trouble, True its end."""
        untold = [] if channel in self.told else [False]
        return [*untold, True] if self.closed_at and channel not in self.told_recovered else untold


def see(connection: psycopg.Connection, workload: str, troubles: Iterable[Trouble], quiet: float) -> None:
    """Open what is new, keep open what is still seen, close what was not seen for ``quiet`` seconds."""
    for trouble in troubles:
        connection.execute(_SEE, [workload, trouble.kind, trouble.subject, trouble.message])
    connection.execute(_CLOSE, [workload, quiet])


def untold(connection: psycopg.Connection, channels: Collection[str]) -> list[Incident]:
    """Incidents that a channel does not know of, or whose end it does not know of; the oldest first."""
    with connection.cursor(row_factory=class_row(Incident)) as cursor:
        return cursor.execute(_UNTOLD, {"channels": list(channels)}).fetchall()


def tell(connection: psycopg.Connection, incident: Incident, channel: str, *, recovered: bool) -> None:
    """Remember that the channel was told."""
    connection.execute(_TELL[recovered], [channel, incident.id])


def open_by_kind(connection: psycopg.Connection) -> dict[tuple[str, str], int]:
    """Open incidents by workload and kind."""
    rows = connection.execute(
        "SELECT workload, kind, count(*) FROM stream_incident WHERE closed_at IS NULL GROUP BY 1, 2"
    ).fetchall()
    return {(workload, kind): count for workload, kind, count in rows}
