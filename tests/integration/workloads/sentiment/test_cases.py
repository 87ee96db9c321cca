"""The queue of emotional messages: order, thresholds, and one person at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from include.annotation.queues.leases import ItemLeaseLost
from include.infra.postgres.connection import connect
from include.settings import Settings
from include.workloads.sentiment.queue import cases
from include.workloads.sentiment.queue.cases import Thresholds
from tests.integration.streaming.conftest import own_database
from tests.support.sentiment.cases import BEGAN, add, empty_tables

pytestmark = pytest.mark.stack

ABOVE = Thresholds(0.8, 0.5)


@pytest.fixture(scope="module")
def own(database: Settings) -> Settings:
    return own_database(database, "sentiment_cases", "sentiment_cases")


@pytest.fixture
def open_cases(own: Settings) -> Iterator[psycopg.Connection]:
    with connect(own, autocommit=True) as connection:
        empty_tables(connection)
        add(connection, ("calm", 0.1, 0.0), ("furious", -0.9, 0.4), ("sour", -0.6, 0.55),
            ("delighted", 0.85, 0.0), ("annoyed", -0.7, 0.4))  # fmt: skip
        yield connection


def taken(connection: psycopg.Connection, person: str, above: Thresholds = ABOVE) -> str | None:
    case = cases.take(connection, person, above)
    return None if case is None else case.text


def events(connection: psycopg.Connection, person: str) -> list[tuple[object, ...]]:
    return connection.execute(
        "SELECT action, answer, rating FROM sentiment_case_event WHERE person = %s ORDER BY id", [person]
    ).fetchall()


def test_the_oldest_above_a_threshold_comes_first_and_nobody_gets_it_twice(
    open_cases: psycopg.Connection,
) -> None:
    queue = cases.waiting(open_cases, ABOVE)
    assert (queue.waiting, queue.oldest, queue.taken) == (3, BEGAN + timedelta(seconds=1), 0)
    assert [taken(open_cases, name) for name in "abcd"] == ["furious", "sour", "delighted", None]
    assert taken(open_cases, "d", Thresholds(0.7, 0.5)) == "annoyed", "thresholds may change at any time"
    assert taken(open_cases, "a") == "furious", "one's own unfinished message comes first"
    assert cases.waiting(open_cases, ABOVE).taken == 3


def test_an_answer_is_final_and_a_release_gives_the_message_back_at_its_place(
    open_cases: psycopg.Connection,
) -> None:
    person = uuid4().hex
    case = cases.take(open_cases, person, ABOVE)
    assert case is not None
    cases.release(open_cases, case.lease_id, person)
    again = cases.take(open_cases, person, ABOVE)
    assert again is not None
    assert (again.text, again.lease_id == case.lease_id) == ("furious", False)
    cases.answer(open_cases, again.lease_id, person, " refunded ", -3)
    with pytest.raises(ItemLeaseLost):
        cases.answer(open_cases, again.lease_id, person, "twice")
    assert events(open_cases, person) == [
        ("take", None, None), ("release", None, None), ("take", None, None), ("answer", "refunded", -3),
    ]  # fmt: skip
    assert taken(open_cases, person) == "sour"
    assert cases.waiting(open_cases, ABOVE).answered == 1


def test_a_turn_that_ran_out_goes_to_somebody_else(open_cases: psycopg.Connection) -> None:
    case = cases.take(open_cases, "late", ABOVE)
    assert case is not None
    open_cases.execute("UPDATE sentiment_case SET taken_until = now() - interval '1 second'"
                       " WHERE taken_by = 'late'")  # fmt: skip
    assert taken(open_cases, "next") == "furious"
    with pytest.raises(ItemLeaseLost, match="no longer yours"):
        cases.answer(open_cases, case.lease_id, "late", "sorry")
    assert cases.current(open_cases, "late") is None


def test_many_people_at_once_never_get_the_same_message(
    open_cases: psycopg.Connection, own: Settings
) -> None:
    add(open_cases, *((f"bad {number}", -0.9, 0.6) for number in range(40)))
    found: list[str | None] = []
    begin = threading.Barrier(8)

    def work(name: str) -> None:
        with connect(own, autocommit=True) as connection:
            begin.wait()
            for number in range(5):
                found.append(taken(connection, f"{name} {number}"))

    people = [threading.Thread(target=work, args=[f"p{number}"]) for number in range(8)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert len(found) == len(set(found)) == 40
    assert None not in found


@pytest.mark.parametrize(
    ("text", "rating"), [("", None), (" ", None), ("x" * 5_001, None), ("a\0", None), ("x", 5), ("x", -5)]
)
def test_an_answer_that_is_none_is_refused(
    open_cases: psycopg.Connection, text: str, rating: int | None
) -> None:
    case = cases.take(open_cases, "a", ABOVE)
    assert case is not None
    with pytest.raises(ValueError, match=r"an answer has|is none of"):
        cases.answer(open_cases, case.lease_id, "a", text, rating)
    assert cases.current(open_cases, "a") is not None


def test_what_people_did_is_kept_whatever_happens_to_the_message(open_cases: psycopg.Connection) -> None:
    assert taken(open_cases, "keeper")
    open_cases.execute("DELETE FROM sentiment")
    assert events(open_cases, "keeper") == [("take", None, None)]
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        open_cases.execute("DELETE FROM sentiment_case_event")
