"""The stream of messages on real servers: shares by key, changed while it runs, and services that go away."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import orjson
import pytest

from include.infra.postgres.connection import connect
from include.settings import PROJECT_ROOT, Settings
from include.streaming.control.shares import EvidenceMissing, set_shares
from include.streaming.registry import workload_named
from include.streaming.state.share_ledger import change_shares
from include.streaming.traffic_shares import share_of
from include.workloads.sentiment.models.versions import version_name
from include.workloads.sentiment.samples import cut_off, key, message
from tests.integration.streaming.conftest import own_database
from tests.support.sentiment.golden import SIX
from tests.support.sentiment.services import Scoring, own_settings, scoring
from tests.support.streaming.stream import Stream, kill
from tests.support.waiting import await_true

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

TOPIC = "sentiment_test"
A, B = version_name("a"), version_name("b")
EIGHTY = {"version_a": 0.8, "version_b": 0.2}
KEYS = 4_000
ONE_OF_EACH = [
    next(one for one in map(str, range(100)) if share_of(one, (0.8, 0.2)) == place) for place in (0, 1)
]
"""A key of version A, and one of version B."""


@pytest.fixture(scope="module")
def stream(database: Settings, kafka: Settings) -> Iterator[Stream]:
    with ExitStack() as stack:
        stack.enter_context(own_settings(topic=TOPIC, processes="2"))
        yield Stream(own_database(database, "sentiment_test", "sentiment"), "sentiment", stack)


@pytest.fixture(scope="module")
def service_a(stream: Stream) -> Iterator[Scoring]:
    """Version A, in two processes."""
    with scoring(stream.settings, "a") as service:
        yield service


@pytest.fixture
def services(stream: Stream, service_a: Scoring) -> Iterator[Scoring]:
    """Both versions."""
    with scoring(stream.settings, "b"):
        yield service_a


def start(stream: Stream) -> subprocess.Popen[bytes]:
    """The engine in plain processes: it works off what is in the topic now."""
    log = stream.log.open("ab")
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.streaming.plain_runner", "sentiment"],
        cwd=PROJECT_ROOT, env=stream.environment, stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip


def end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        kill(child)


def run(stream: Stream) -> None:
    child = start(stream)
    assert child.wait(300) == 0, stream.tail()
    stream.account()


def versions(stream: Stream, first: int, count: int) -> dict[str, str]:
    """The version that scored each of these keys last."""
    found: dict[str, str] = stream.ask(
        "SELECT jsonb_object_agg(k, v) FROM (SELECT DISTINCT ON (message_key)"
        " encode(message_key, 'escape') AS k, model_version AS v FROM sentiment"
        " ORDER BY message_key, arrived_at DESC, kafka_offset DESC) AS latest"
    )
    wanted = {key(number).decode() for number in range(first, first + count)}
    return {name: version for name, version in found.items() if name in wanted}


def await_more(stream: Stream) -> None:
    """Wait until more is scored than now."""
    rows = "SELECT count(*) FROM sentiment"
    now = stream.ask(rows)
    stream.wait(lambda: stream.ask(rows) > now, "nothing is scored", 120)


def share(stream: Stream, shares: dict[str, float]) -> None:
    with connect(stream.settings) as connection:
        workload = workload_named("sentiment", stream.settings)
        change_shares(connection, workload, shares, changed_by="ann", reason="a test")


def test_messages_are_shared_by_key_and_stay_where_they_went(stream: Stream, services: Scoring) -> None:
    """The same keys are sent again after a restart with other shares, and after the change back."""
    sent = [(key(number).decode(), message(number)) for number in range(KEYS)]
    stream.send(TOPIC, sent)
    run(stream)
    first = versions(stream, 0, KEYS)
    assert len(first) == KEYS
    assert 0.78 <= list(first.values()).count(A) / KEYS <= 0.82
    seen = []
    for shares in ({"version_a": 0.3, "version_b": 0.7}, EIGHTY):
        share(stream, shares)
        stream.send(TOPIC, sent[:1_000])
        run(stream)
        seen.append(versions(stream, 0, 1_000))
    changed, back = seen
    assert back == {name: first[name] for name in back}
    moved = {name for name, version in changed.items() if version != first[name]}
    assert {changed[name] for name in moved} == {B}, "only what B gained moved"
    assert 0.45 <= len(moved) / 1_000 <= 0.55


def test_the_golden_messages_are_scored_exactly_and_what_is_none_is_a_dead_letter(
    stream: Stream, services: Scoring
) -> None:
    """Each text under a key of either version."""
    bad = [(b'{"text": 1}', "data is missing"), (b'{"data": 1}', "data is not a string"),
           (cut_off(1), "not JSON"), (orjson.dumps({"data": "x" * 10_001}), "model refused it (413)"),
           (b'{"data": "a\\u0000b"}', "data holds a NUL character")]  # fmt: skip
    for one in ONE_OF_EACH:
        stream.send(TOPIC, [(one, orjson.dumps({"data": text})) for text in SIX])
    stream.send(TOPIC, [("d", value) for value, _ in bad])
    run(stream)
    with connect(stream.settings) as connection:
        rows = connection.execute(
            "SELECT encode(message_key, 'escape'), text, model_version, compound, neg, neu, pos"
            " FROM sentiment WHERE encode(message_key, 'escape') = ANY (%s)", [ONE_OF_EACH],
        ).fetchall()  # fmt: skip
        reasons = connection.execute("SELECT value, reason FROM dead_letter WHERE key = 'd'").fetchall()
    for place, (one, version) in enumerate(zip(ONE_OF_EACH, (A, B), strict=True)):
        found = {(text, by): tuple(scores) for name, text, by, *scores in rows if name == one}
        assert found == {(text, version): scores[place] for text, scores in SIX.items()}
    assert set(reasons) == set(bad)


def test_a_replica_that_is_killed_and_a_service_that_is_down_lose_nothing(
    stream: Stream, service_a: Scoring
) -> None:
    """One of version A's two processes is killed under load; then messages find version B away."""
    stream.send(TOPIC, [(key(n).decode(), message(n)) for n in range(10_000, 40_000)])
    with ExitStack() as closing:
        with scoring(stream.settings, "b"):
            child = start(stream)
            closing.callback(end, child)
            await_more(stream)
            service_a.replicas()[0].kill()
            assert child.wait(300) == 0, stream.tail()
        await_true(lambda: len(service_a.replicas()) == 2)
        stream.send(TOPIC, [(key(n).decode(), message(n)) for n in range(40_000, 42_000)])
        before = stream.log.stat().st_size
        child = start(stream)
        closing.callback(end, child)
        stream.wait(lambda: b"waiting for a model" in stream.log.read_bytes()[before:], "nothing waits", 120)
        with scoring(stream.settings, "b"):
            assert child.wait(300) == 0, stream.tail()
    stream.account()
    assert len(versions(stream, 10_000, 32_000)) == 32_000
    wrong = workload_named("sentiment").samples().checks["wrong_cases"]  # type: ignore[misc]
    assert stream.ask(wrong) == 0


def test_all_to_version_b_needs_evidence(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("include.streaming.control.shares.get_settings", lambda: stream.settings)
    who: dict[str, Any] = {"changed_by": "ann", "reason": "it is faster"}
    with pytest.raises(EvidenceMissing, match="there is no evidence of the last 24 hours"):
        set_shares("sentiment", {"version_b": 1.0}, **who)
    set_shares("sentiment", {"version_b": 1.0}, force=True, **who)
    set_shares("sentiment", {"version_a": 1.0}, **who)
    ledger = "SELECT jsonb_agg(jsonb_build_array(shares -> 'version_b', forced) ORDER BY id DESC)"
    assert stream.ask(f"{ledger} FROM traffic_share")[:2] == [[0.0, False], [1.0, True]]
    share(stream, EIGHTY)
