"""The table ``traffic_share``: how the messages of a workload are shared out among its scorers, and who
decided that, when and why. Append-only; the latest row of a workload counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from include.errors import UserError
from include.streaming.traffic_shares import BadShares, check_shares
from include.streaming.workload import Workload


class NoRoute(UserError):
    """A workload whose messages all go to one scorer."""


@dataclass(frozen=True)
class ShareChange:
    """One decision.

    Attributes:
        shares: parts of 1 by scorer.
        evidence_id: the evidence that it rests on; None where it needs none.
        forced: one scorer got all messages without evidence that passed.
    """

    shares: dict[str, float]
    changed_by: str
    reason: str
    changed_at: datetime
    evidence_id: int | None = None
    forced: bool = False


def current_shares(connection: psycopg.Connection, workload: Workload) -> dict[str, float]:
    """The shares now, in the order in which the workload declares its scorers; 0 for one that gets nothing.

    Raises:
        NoRoute: the workload declares no shares.
        BadShares: the table has shares for a scorer that the workload no longer declares.
    """
    history = share_history(connection, workload.name, limit=1)
    return _complete(workload, history[0].shares if history else _declared(workload))


def change_shares(
    connection: psycopg.Connection,
    workload: Workload,
    shares: Mapping[str, float],
    *,
    changed_by: str,
    reason: str,
    evidence: int | None = None,
    forced: bool = False,
) -> None:
    """Share the messages out otherwise from the next batch on. A scorer that is not named gets nothing.

    Raises:
        NoRoute: the workload declares no shares.
        BadShares: an unknown scorer, or numbers that are not parts of 1.
        UserError: nobody is named, or no reason.
    """
    complete = checked_shares(workload, shares)
    if not changed_by.strip() or not reason.strip():
        raise UserError("say who changes the traffic shares, and why")
    connection.execute(
        "INSERT INTO traffic_share (workload, shares, changed_by, reason, evidence_id, forced)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        [workload.name, Jsonb(complete), changed_by.strip(), reason.strip(), evidence, forced],
    )


def checked_shares(workload: Workload, shares: Mapping[str, float]) -> dict[str, float]:
    """The shares of all the workload's scorers, 0 for those that are not named.

    Raises:
        NoRoute: the workload declares no shares.
        BadShares: an unknown scorer, or numbers that are not parts of 1.
    """
    _declared(workload)
    return _complete(workload, shares)


def share_history(connection: psycopg.Connection, workload: str, limit: int = 100) -> list[ShareChange]:
    """The latest changes, the newest first."""
    query = """
        SELECT shares, changed_by, reason, changed_at, evidence_id, forced FROM traffic_share
        WHERE workload = %s ORDER BY id DESC LIMIT %s
    """
    with connection.cursor(row_factory=class_row(ShareChange)) as cursor:
        return cursor.execute(query, [workload, limit]).fetchall()


def _declared(workload: Workload) -> Mapping[str, float]:
    if workload.route is None or not workload.route.shares:
        raise NoRoute(f"workload {workload.name} declares no shares: all its messages go to one scorer")
    return workload.route.shares


def _complete(workload: Workload, shares: Mapping[str, float]) -> dict[str, float]:
    if unknown := sorted(set(shares) - set(workload.scorers)):
        known = ", ".join(workload.scorers)
        raise BadShares(f"scorer {', '.join(unknown)} of {workload.name} is none of: {known}")
    complete = {name: float(shares.get(name, 0)) for name in workload.scorers}
    check_shares(list(complete.values()))
    return complete
