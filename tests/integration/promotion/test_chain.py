"""A ledger that was altered is known by it, whatever the change was made with."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from include.infra.postgres.connection import connect
from include.promotion.ledger.__main__ import main
from include.promotion.ledger.chain import LedgerAltered, check_ledger
from include.promotion.ledger.entry import LedgerEntry
from include.promotion.ledger.ledger import Ledger
from include.schema.upgrade import upgrade_schema
from include.settings import Settings
from tests.support.schema.own_database import own_database

pytestmark = pytest.mark.stack
ROWS = 5
UNGUARDED = "ALTER TABLE promotion DISABLE TRIGGER promotion_append_only"
"""What only the table's owner may do."""

CHANGES = {
    "another reason": ("UPDATE promotion SET reason = 'x' WHERE id = 2", "row 2 .* not as it was written"),
    "another approver": ("UPDATE promotion SET approver = NULL WHERE id = 5", "row 5 .* not as it was"),
    "another time": ("UPDATE promotion SET started_at = now() WHERE id = 1", "row 1 .* not as it was"),
    "other evidence": ("UPDATE promotion SET evidence = '{}' WHERE id = 3", "row 3 .* not as it was"),
    "an override hidden": ("UPDATE promotion SET override = true WHERE id = 3", "row 3 .* not as it was"),
    "a row taken out": ("DELETE FROM promotion WHERE id = 3", "row 4 .* does not follow"),
    "the first row taken out": ("DELETE FROM promotion WHERE id = 1", "row 2 .* does not follow"),
    "a row hashed again": (
        "UPDATE promotion SET reason = 'x' WHERE id = 2;"
        "UPDATE promotion p SET entry_hash = promotion_entry_hash(p) WHERE id = 2",
        "row 3 .* does not follow",
    ),
}


def entry(number: int) -> LedgerEntry:
    return LedgerEntry(
        "promote", None, number, f"reason {number} \u202e'\"ü\U0001f600", "ann", {"f1": 0.1, "n": number}
    )


@pytest.fixture
def ledger(database: Settings) -> Iterator[Settings]:
    """A database whose ledger has five rows."""
    with own_database(database, "ledger_test") as own:
        upgrade_schema(own)
        for number in range(1, ROWS + 1):
            Ledger(own, "local").write(entry(number), "promoted")
        yield own


def test_an_unaltered_ledger_ends_in_a_hash_that_stays(ledger: Settings) -> None:
    with connect(ledger) as connection:
        connection.execute("SET TIME ZONE 'Asia/Kathmandu'")
        earlier = check_ledger(connection)
    assert earlier.entries == ROWS
    Ledger(ledger, "kubernetes").write(entry(6), "refused")
    with connect(ledger) as connection:
        later = check_ledger(connection, known=earlier.head)
    assert later.entries == ROWS + 1
    assert later.head != earlier.head


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_names_its_row(ledger: Settings, change: str) -> None:
    statement, named = CHANGES[change]
    with connect(ledger) as connection:
        connection.execute(UNGUARDED)
        connection.execute(statement.encode())
        with pytest.raises(LedgerAltered, match=named):
            check_ledger(connection)


def test_rows_cut_off_at_the_end_show_against_an_earlier_check(ledger: Settings) -> None:
    with connect(ledger) as connection:
        known = check_ledger(connection).head
        connection.execute(UNGUARDED)
        connection.execute("DELETE FROM promotion WHERE id = %s", [ROWS])
        assert check_ledger(connection).entries == ROWS - 1
        with pytest.raises(LedgerAltered, match=f"lacks the row {known}"):
            check_ledger(connection, known)


def test_replication_does_not_silence_the_guards(ledger: Settings) -> None:
    with connect(ledger) as connection:
        connection.execute("SET session_replication_role = replica")
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            connection.execute("UPDATE promotion SET reason = 'x'")


def test_promotions_at_the_same_time_make_one_chain(ledger: Settings) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: Ledger(ledger, "local").write(entry(number), "failed"), range(40)))
    with connect(ledger) as connection:
        assert check_ledger(connection).entries == ROWS + 40


def test_the_command_says_the_last_hash_and_takes_it(
    ledger: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("include.infra.postgres.connection.get_settings", lambda: ledger)
    assert main([]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"the ledger is as it was written: {ROWS} rows; last hash: ")
    assert main(["--since", said.split()[-1]]) == 0
    assert main(["--since", "0" * 64]) == 2
    assert f"lacks the row {'0' * 64}" in capsys.readouterr().err
