"""What the DAG ``set_traffic_share`` does: it checks a change, gathers evidence for it, and makes it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta

import psycopg

from include.errors import UserError
from include.infra.postgres.connection import connect
from include.schema.revision import require_current_schema
from include.settings import get_settings
from include.streaming.evidence import NoEvidence
from include.streaming.registry import workload_named
from include.streaming.state.share_evidence import latest_evidence, store_evidence
from include.streaming.state.share_ledger import change_shares, checked_shares
from include.streaming.workload import Workload
from include.task_log import log_result

log = logging.getLogger(__name__)

FRESH = timedelta(hours=24)
"""Evidence that is older speaks of another traffic."""


class EvidenceMissing(UserError):
    """One scorer is to get all messages, and nothing shows that it may."""


def needs_evidence(workload: Workload, shares: Mapping[str, float]) -> str | None:
    """The scorer that needs evidence for these shares: one that is to get all messages.

    The first that the route declares needs none: it is what the others are compared with, and the way back
    to it has to be open at all times.
    """
    if workload.evidence is None or workload.route is None:
        return None
    (largest, share) = max(shares.items(), key=lambda pair: pair[1])
    return largest if share == 1 and largest != next(iter(workload.route.shares)) else None


def check_change(name: str, shares: Mapping[str, float], changed_by: str | None, reason: str | None) -> None:
    """Refuse a change that can't be made, before anything is measured.

    Raises:
        UserError: no such workload or scorer, numbers that are not parts of 1, or nobody or no reason named.
    """
    checked_shares(workload_named(name, get_settings()), shares)
    if not changed_by or not reason:
        raise UserError("say who changes the traffic shares (changed_by), and why (reason)")


def gather_evidence(name: str, shares: Mapping[str, float]) -> int | None:
    """Measure and store what speaks for these shares; its number, None where they need no evidence.

    Raises:
        NoEvidence: it can't be measured now.
    """
    settings = get_settings()
    workload = workload_named(name, settings)
    scorer = needs_evidence(workload, checked_shares(workload, shares))
    if scorer is None:
        log_result("no evidence is needed for these shares")
        return None
    assert workload.evidence is not None
    found = workload.evidence(settings, scorer)
    with connect(settings) as connection:
        require_current_schema(connection)
        number = store_evidence(connection, workload.name, scorer, found)
    for finding in found.findings:
        log.info("%s %s: %s", "met    " if finding.passed else "NOT MET", finding.name, finding.said)
    log_result(f"evidence {number} for {scorer}: {'passed' if found.passed else 'not passed'}")
    return number


def gather_where_possible(name: str, shares: Mapping[str, float], *, force: bool) -> int | None:
    """As :func:`gather_evidence`; with ``force``, what can't be measured is passed over with a warning."""
    try:
        return gather_evidence(name, shares)
    except NoEvidence as missing:
        if not force:
            raise
        log.warning("forced without evidence: %s", missing)
        return None


def set_shares(
    name: str, shares: Mapping[str, float], *, changed_by: str, reason: str, force: bool = False
) -> None:
    """Share the messages out otherwise, from the next batch on and without a restart.

    Raises:
        EvidenceMissing: one scorer is to get all messages, and its latest evidence is missing, too old or
            not passed; not with ``force``, which the ledger notes.
        UserError: see :func:`check_change`.
    """
    check_change(name, shares, changed_by, reason)
    settings = get_settings()
    workload = workload_named(name, settings)
    with connect(settings) as connection:
        require_current_schema(connection)
        evidence, forced = _grounds(connection, workload, checked_shares(workload, shares), force)
        change_shares(
            connection, workload, shares, changed_by=changed_by, reason=reason, evidence=evidence,
            forced=forced,
        )  # fmt: skip
    told = ", ".join(f"{scorer} {share:.1%}" for scorer, share in shares.items())
    log_result(f"{name}: {told}, from the next batch on{' (forced)' if forced else ''}")


def _grounds(
    connection: psycopg.Connection, workload: Workload, shares: Mapping[str, float], force: bool
) -> tuple[int | None, bool]:
    """The evidence that a change rests on, and whether it is made without."""
    scorer = needs_evidence(workload, shares)
    if scorer is None:
        return None, False
    found = latest_evidence(connection, workload.name, scorer, FRESH)
    if found is not None and found.passed:
        return found.id, False
    if force:
        return (found.id if found else None), True
    if found is None:
        why = f"there is no evidence of the last {FRESH.total_seconds() / 3600:.0f} hours"
    else:
        failed = "; ".join(f"{one['name']}: {one['said']}" for one in found.findings if not one["passed"])
        why = f"evidence {found.id} did not pass ({failed})"
    raise EvidenceMissing(
        f"{scorer} of {workload.name} may not get all messages: {why}. Give it less, mend that, or set force "
        "and say in the reason why"
    )
