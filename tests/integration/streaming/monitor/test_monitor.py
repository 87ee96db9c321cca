"""The monitor on a real database: each alert is told once, and once its end, whatever is restarted."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import psycopg
import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from tenacity import Retrying, stop_after_delay, wait_fixed

from include.errors import UserError
from include.infra.disk import disks
from include.infra.postgres.connection import connect
from include.infra.processes.ports import free_ports
from include.infra.processes.service import running
from include.local_stack import programs
from include.local_stack.database.preparation import prepare_databases
from include.settings import Settings
from include.streaming.monitor.channels import AlertNotDelivered, Channel
from include.streaming.monitor.monitor import Monitor
from include.streaming.registry import workload_named
from include.streaming.state.desired_state import want
from include.streaming.state.progress import Progress
from include.streaming.workload import Limits, Workload


@dataclass
class KeptMessages:
    """A channel that keeps what it is told, or refuses it."""

    name: str
    told: list[str] = field(default_factory=list)
    refuses: bool = False

    def send(self, title: str, text: str) -> None:
        if self.refuses:
            raise AlertNotDelivered(f"{self.name} is away")
        self.told.append(title.removeprefix("[tweetsieve] "))


@pytest.fixture
def own(database: Settings) -> Iterator[Settings]:
    """A database of this test."""
    settings = database.model_copy(
        update={
            "postgres_database": "monitor_test",
            "monitor_port": free_ports(1)[0],
            "alert_disk_free_gb": 0,  # this machine's disk may be full, which is told as well
            "alert_disk_free_share": 0,
        }
    )
    prepare_databases(settings)
    yield settings
    with connect(database, autocommit=True) as connection:
        connection.execute("DROP DATABASE monitor_test WITH (FORCE)")


def monitor(settings: Settings, *channels: Channel) -> Monitor:
    return Monitor(settings.as_role("monitor"), channels)


def age(connection: psycopg.Connection, seconds: int) -> None:
    """Let time pass: everything the stream and the monitor wrote is so much older."""
    for table, column in (
        ("stream_progress", "created_at"), ("stream_wanted", "changed_at"), ("stream_commit", "committed_at"),
        ("stream_incident", "seen_at"), ("stream_incident", "opened_at"), ("dead_letter", "created_at"),
        ("stream_monitor", "checked_at"),
    ):  # fmt: skip
        connection.execute(
            f"UPDATE {table} SET {column} = {column} - make_interval(secs => %s)",  # noqa: S608
            [seconds],
        )
    connection.commit()


def beat(connection: psycopg.Connection, lag: int | None = 0, status: str = "running") -> None:
    Progress("ai_tweets", "query", "run", 1, lag=lag, status=status).write(connection)
    connection.commit()


def test_a_query_that_ends_is_told_once_and_so_is_its_return(own: Settings) -> None:
    heard = KeptMessages("webhook")
    with connect(own) as connection:
        want(connection, "ai_tweets", running=True)
        beat(connection)
        first = monitor(own, heard)
        first.check()
        assert heard.told == []
        age(connection, 40)
        first.check()
        first.check()
        assert heard.told == ["ai_tweets: query ended"]
        first.close()
        second = monitor(own, heard)  # a restarted monitor
        second.check()
        assert heard.told == ["ai_tweets: query ended"]
        beat(connection)
        second.check()
        assert heard.told == ["ai_tweets: query ended"], "not over before it was quiet for a while"
        age(connection, 61)
        beat(connection)
        second.check()
        second.check()
        assert heard.told == ["ai_tweets: query ended", "ai_tweets: query ended is over"]
        age(connection, 100)
        second.check()
        assert heard.told[2:] == ["ai_tweets: query ended"], "the next one is another incident"


def test_a_stream_that_was_drained_raises_no_alert(own: Settings) -> None:
    heard = KeptMessages("webhook")
    with connect(own) as connection:
        want(connection, "ai_tweets", running=False)
        beat(connection, lag=5)
        age(connection, 4000)
        monitor(own, heard).check()
    assert heard.told == []


def test_posts_that_wait_are_told_and_a_quiet_night_is_not(own: Settings) -> None:
    heard = KeptMessages("webhook")
    with connect(own) as connection:
        want(connection, "ai_tweets", running=True)
        connection.execute(
            "INSERT INTO stream_commit (workload, query_id, batch_id, end_offsets, posts, dead_letters)"
            " VALUES ('ai_tweets', 'query', 1, '{}', 10, 0)"
        )
        beat(connection, lag=0)
        age(connection, 20_000)
        beat(connection, lag=7)  # the first post after the night
        watching = monitor(own, heard)
        watching.check()
        assert heard.told == []
        age(connection, 125)
        beat(connection, lag=9, status="waiting for a model in service")
        watching.check()
    assert heard.told == ["ai_tweets: no progress"]


def test_an_error_of_the_source_is_told_once_per_error(own: Settings) -> None:
    heard = KeptMessages("webhook")
    with connect(own) as connection:
        want(connection, "ai_tweets", running=True)
        beat(connection)
        watching = monitor(own, heard)
        seen = [("parse", "one"), ("parse", "two\\u0000"), ("parse", "one"), ("collect", "of last week")]
        for offset, (stage, title) in enumerate(seen):
            connection.execute(
                "INSERT INTO dead_letter (workload, topic, kafka_partition, kafka_offset, stage, reason,"
                " value) VALUES ('ai_tweets', %s, 0, %s, %s, 'source error', %s)",
                [own.ai_topic, offset, stage, b'{"errors": [{"title": "%s"}]}' % title.encode()],
            )
            connection.commit()
            watching.check()
    assert heard.told == ["ai_tweets: source error"] * 2


def test_a_channel_that_is_away_holds_up_no_other_and_is_told_later(own: Settings, monkeypatch) -> None:
    monkeypatch.setattr("include.streaming.monitor.notify.LONGEST_PAUSE", 0.0)
    monkeypatch.setattr("include.streaming.monitor.notify.pauses", lambda **_: iter([0.0] * 9))
    away, heard = KeptMessages("webhook", refuses=True), KeptMessages("email")
    with connect(own) as connection:
        want(connection, "ai_tweets", running=True)
        beat(connection, lag=2_000_000)
        watching = monitor(own, away, heard)
        watching.check()
        watching.check()
        assert (away.told, heard.told) == ([], ["ai_tweets: lag"])
        away.refuses = False
        watching.check()
        watching.check()
    assert (away.told, heard.told) == (["ai_tweets: lag"], ["ai_tweets: lag"])


def test_each_workload_that_has_run_has_incidents_metrics_and_limits_of_its_own(
    own: Settings, monkeypatch
) -> None:
    declared = workload_named("ai_tweets")
    other = replace(declared, name="other", limits=Limits(lag=10), source_error=None)

    def named(name: str, _: Settings) -> Workload:
        if name == "broken":
            raise UserError("include/workloads/broken/workload.py: no module named nothing")
        return {"ai_tweets": declared, "other": other}[name]

    monkeypatch.setattr("include.streaming.monitor.workloads.workload_named", named)
    heard = KeptMessages("webhook")
    with connect(own) as connection:
        watching = Monitor(own, [heard], names=lambda _: ("ai_tweets", "other", "broken", "never_ran"))
        for name in ("ai_tweets", "other", "broken"):
            want(connection, name, running=name == "broken")
            Progress(name, "query", "run", 1, lag=20).write(connection)
        connection.commit()
        watching.check()
        assert heard.told == ["other: lag"]
        age(connection, 40)
        watching.check()
    assert heard.told == ["other: lag", "broken: query ended"]
    shown = generate_latest(watching.metrics.registry).decode()
    for name in ("ai_tweets", "other", "broken"):
        assert f'tweetsieve_stream_lag_messages{{workload="{name}"}} 20.0' in shown
    assert "never_ran" not in shown


def test_of_two_monitors_one_tells(own: Settings) -> None:
    one, other = KeptMessages("webhook"), KeptMessages("webhook")
    with connect(own) as connection:
        want(connection, "ai_tweets", running=True)
        beat(connection)
        first, second = monitor(own, one), monitor(own, other)
        first.check()
        second.check()
        age(connection, 40)
        second.check()
        assert (one.told, other.told) == ([], [])
        first.close()  # it is gone, and with it its lock, as soon as the server sees that
        for attempt in Retrying(stop=stop_after_delay(20), wait=wait_fixed(0.05), reraise=True):
            with attempt:
                second.check()
                assert other.told
    assert (one.told, other.told) == ([], ["ai_tweets: query ended"])


def test_the_process_shows_metrics(own: Settings, monkeypatch) -> None:
    monkeypatch.setenv("TWEETSIEVE_POSTGRES_DATABASE", own.postgres_database)
    monkeypatch.setenv("TWEETSIEVE_MONITOR_PORT", str(own.monitor_port))
    with connect(own) as connection:
        want(connection, "ai_tweets", running=True)
        Progress(
            "ai_tweets", "query", "run", 1, posts=2_000, lag=12, durations_ms={"addBatch": 1500},
            details={
                "lag": {"ai_tweets_topic": {"3": 12}}, "model_version": 4, "score_seconds": 1.0,
                "counts": {"rows": 1999, "spam": 7},
            },
        ).write(connection)  # fmt: skip
        connection.commit()
    with running(programs.monitor(own), own.logs_dir):
        wanted = ("tweetsieve_stream_partition_lag_messages", "tweetsieve_stream_score_seconds_per_message")
        found: dict[str, float] = {}
        while not found.keys() >= set(wanted):
            found = _metrics(own)
    assert found["tweetsieve_stream_up"] == 1
    assert found["tweetsieve_stream_lag_messages"] == found[wanted[0]] == 12
    assert found[wanted[1]] == 1 / 2_000
    assert found["tweetsieve_stream_model_version"] == 4
    assert found["tweetsieve_stream_model_info"] == 1
    assert found["tweetsieve_stream_batch_count"] == 7, "only the workload's own count"
    assert found["tweetsieve_stream_batch_stage_seconds"] == 1.5


def _metrics(settings: Settings) -> dict[str, float]:
    with urllib.request.urlopen(
        f"http://{settings.host}:{settings.monitor_port}/metrics", timeout=5
    ) as answer:
        families = text_string_to_metric_families(answer.read().decode())
        return {sample.name: sample.value for family in families for sample in family.samples}


def test_a_disk_that_is_nearly_full_is_told_once_and_so_is_its_end(own: Settings) -> None:
    full, heard = own.model_copy(update={"alert_disk_free_gb": 10**9}), KeptMessages("webhook")
    with connect(own) as connection:
        first = monitor(full, heard)
        for _ in range(3):
            first.check()
        first.close()
        age(connection, 61)
        second = monitor(own, heard)
        for _ in range(2):
            second.check()
        second.close()
    alert, count = "this machine: disk nearly full", len(disks(own))
    assert heard.told == [alert] * count + [f"{alert} is over"] * count
    assert b"tweetsieve_disk_free_bytes{folder=" in generate_latest(second.metrics.registry)
