"""Changing traffic shares: what needs evidence, and what the ledger says of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import psycopg
import pytest

from include.errors import UserError
from include.infra.postgres.connection import connect
from include.settings import Settings
from include.streaming.control import shares
from include.streaming.control.shares import EvidenceMissing, gather_where_possible, set_shares
from include.streaming.evidence import Evidence, Finding, NoEvidence
from include.streaming.state.share_evidence import latest_evidence
from include.streaming.state.share_ledger import share_history
from include.streaming.workload import Route
from tests.integration.streaming.conftest import own_database
from tests.unit.streaming.test_workload import declared

pytestmark = pytest.mark.stack

WHO: dict[str, Any] = {"changed_by": "ann", "reason": "a trial"}


@dataclass
class Gathered:
    """What the workload's evidence says next; None: it can't be measured."""

    passed: bool | None = True
    asked: int = 0

    def __call__(self, settings: Settings, scorer: str) -> Evidence:
        self.asked += 1
        if self.passed is None:
            raise NoEvidence("no service answers")
        return Evidence((Finding("agreement", self.passed, f"{scorer} agrees"),), {"n": 5})


@pytest.fixture
def gathered(database: Settings, monkeypatch: pytest.MonkeyPatch) -> Gathered:
    own, found = own_database(database, "shares_test", "shares"), Gathered()
    workload = replace(declared(route=Route(None, {"one": 0.8, "other": 0.2})), evidence=found)
    monkeypatch.setattr(shares, "get_settings", lambda: own)
    monkeypatch.setattr(shares, "workload_named", lambda name, settings: workload)
    with connect(own) as connection:
        connection.execute("ALTER TABLE share_evidence DISABLE TRIGGER share_evidence_append_only")
        connection.execute("UPDATE share_evidence SET gathered_at = gathered_at - interval '25 hours'")
        connection.execute("ALTER TABLE share_evidence ENABLE ALWAYS TRIGGER share_evidence_append_only")
    return found


def connected() -> psycopg.Connection:
    return connect(shares.get_settings())


def latest() -> tuple[dict[str, float], bool, bool]:
    """Shares, whether they name evidence, and whether they were forced."""
    with connected() as connection:
        change = share_history(connection, "w", limit=1)[0]
    return change.shares, change.evidence_id is not None, change.forced


def test_a_part_of_the_messages_needs_no_evidence(gathered: Gathered) -> None:
    assert gather_where_possible("w", {"one": 0.1, "other": 0.9}, force=False) is None
    set_shares("w", {"one": 0.1, "other": 0.9}, **WHO)
    assert (latest(), gathered.asked) == (({"one": 0.1, "other": 0.9}, False, False), 0)


def test_all_messages_go_to_another_scorer_with_evidence_that_passed(gathered: Gathered) -> None:
    number = gather_where_possible("w", {"other": 1}, force=False)
    set_shares("w", {"other": 1}, **WHO)
    assert latest() == ({"one": 0.0, "other": 1.0}, True, False)
    with connected() as connection:
        found = latest_evidence(connection, "w", "other")
    assert found is not None
    assert (found.id, found.findings[0]["said"], found.measured) == (number, "other agrees", {"n": 5})


def test_evidence_that_did_not_pass_is_named_and_force_is_noted(gathered: Gathered) -> None:
    gathered.passed = False
    gather_where_possible("w", {"other": 1}, force=False)
    with pytest.raises(EvidenceMissing, match=r"did not pass \(agreement: other agrees\)"):
        set_shares("w", {"other": 1}, **WHO)
    set_shares("w", {"other": 1}, force=True, **WHO)
    assert latest() == ({"one": 0.0, "other": 1.0}, True, True)


def test_evidence_that_is_old_or_can_not_be_measured_is_none(gathered: Gathered) -> None:
    gathered.passed = None
    with pytest.raises(NoEvidence):
        gather_where_possible("w", {"other": 1}, force=False)
    assert gather_where_possible("w", {"other": 1}, force=True) is None
    with pytest.raises(EvidenceMissing, match="no evidence of the last 24 hours"):
        set_shares("w", {"other": 1}, **WHO)


def test_the_way_back_needs_none(gathered: Gathered) -> None:
    gathered.passed = False
    assert gather_where_possible("w", {"one": 1}, force=False) is None
    set_shares("w", {"one": 1}, **WHO)
    assert latest() == ({"one": 1.0, "other": 0.0}, False, False)


@pytest.mark.parametrize("who", [{"changed_by": None, "reason": "x"}, {"changed_by": "ann", "reason": None}])
def test_nobody_or_no_reason_is_refused_before_anything_is_measured(
    gathered: Gathered, who: dict[str, str | None]
) -> None:
    with pytest.raises(UserError, match="say who"):
        shares.check_change("w", {"one": 1}, **who)


def test_evidence_is_append_only(gathered: Gathered) -> None:
    gather_where_possible("w", {"other": 1}, force=False)
    with connected() as connection, pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        connection.execute("DELETE FROM share_evidence")
