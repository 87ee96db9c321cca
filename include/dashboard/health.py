"""The state of the stream: freshness, lag, throughput, what it waits for."""

from __future__ import annotations

from dataclasses import dataclass

from include.dashboard.read_only import ReadOnlyConnection

SILENT_SECONDS = 30.0
"""The stream writes a heartbeat every 5 s; one that is older than this means that it does not run."""

MOST_COUNTED = 100_000
"""Dead letters are counted up to here, as the page asks every few seconds."""

# BETWEEN: see include/streaming/monitor/snapshot.py.
_STATUS = """
SELECT (SELECT extract(epoch FROM now() - committed_at) FROM stream_commit
        WHERE workload BETWEEN %(workload)s AND %(workload)s AND posts > 0
        ORDER BY workload, id DESC LIMIT 1) AS freshness,
       (SELECT sum(posts) FROM stream_commit
        WHERE workload = %(workload)s AND committed_at > now() - interval '1 minute') AS posts_per_minute,
       (SELECT model_version FROM ai_tweets ORDER BY arrived_at DESC, id LIMIT 1) AS model_version,
       (SELECT count(*) FROM (SELECT FROM dead_letter WHERE replayed_at IS NULL LIMIT %(most)s) AS open)
           AS dead_letters,
       p.status, p.lag, extract(epoch FROM now() - p.created_at) AS silence
FROM (SELECT) AS one
LEFT JOIN LATERAL (
    SELECT status, lag, created_at FROM stream_progress
    WHERE workload BETWEEN %(workload)s AND %(workload)s ORDER BY workload, id DESC LIMIT 1
) AS p ON true
"""


@dataclass(frozen=True)
class Health:
    """The stream's state at a glance.

    Attributes:
        state: 'running', 'waiting', 'silent' or 'never ran'.
        says: the stream's own status, such as what it waits for.
        freshness: seconds since posts were last committed.
        silence: seconds since its last heartbeat.
        lag: messages in Kafka that are not classified yet; None where it is unknown.
        posts_per_minute: posts committed within the last minute.
        model_version: the version that classified the latest post.
        dead_letters: dead letters that were not replayed yet; counted up to MOST_COUNTED.
    """

    state: str
    says: str
    freshness: float | None
    silence: float | None
    lag: int | None
    posts_per_minute: int
    model_version: int | None
    dead_letters: int


def stream_health(reader: ReadOnlyConnection, workload: str = "ai_tweets") -> Health:
    """The state of a workload."""
    row = reader.execute(_STATUS, {"workload": workload, "most": MOST_COUNTED + 1}).fetchone()
    assert row is not None
    silence = None if row["silence"] is None else float(row["silence"])
    return Health(
        state=state_of(row["status"], silence),
        says=row["status"] or "",
        freshness=None if row["freshness"] is None else float(row["freshness"]),
        silence=silence,
        lag=row["lag"],
        posts_per_minute=int(row["posts_per_minute"] or 0),
        model_version=row["model_version"],
        dead_letters=row["dead_letters"],
    )


def counted(dead_letters: int) -> str:
    """
    >>> counted(1234), counted(100_001)
    ('1,234', 'over 100,000')
    """
    return f"over {MOST_COUNTED:,}" if dead_letters > MOST_COUNTED else f"{dead_letters:,}"


def state_of(status: str | None, silence: float | None) -> str:
    """One word for the stream's last heartbeat and its age in seconds.

    >>> state_of("running", 2.0), state_of("running", 90.0), state_of(None, None)
    ('running', 'silent', 'never ran')
    """
    if status is None or silence is None:
        return "never ran"
    if silence > SILENT_SECONDS:
        return "silent"
    return "waiting" if status.startswith("waiting") else "running"


def age(seconds: float | None) -> str:
    """A duration, rounded to one unit.

    >>> age(3.2), age(200), age(7300), age(None)
    ('3 s', '3 min', '2 h', '–')
    """
    if seconds is None:
        return "–"
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(0, seconds):.0f} s"
