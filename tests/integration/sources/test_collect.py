"""Collecting dataset versions: once each, with their positions on record."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest

from include.sources.collect import CollectionError, collect, collect_version
from include.sources.interface.source import SourceError
from include.sources.synthetic.source import SyntheticSource
from tests.support.replay import eventually, replay

pytestmark = pytest.mark.stack


def row(connection: psycopg.Connection, version: int) -> tuple | None:
    return connection.execute(
        "SELECT source, start_offsets, end_offsets, posts, completed_at FROM collection WHERE version = %s",
        [version],
    ).fetchone()


def test_a_version_is_collected_once(kafka, own, connection, version, tmp_path) -> None:
    first = collect_version(version, "synthetic", posts=100, settings=own)
    assert (first["status"], sum(first["posts"].values())) == ("published", 100)
    recorded = row(connection, version)
    assert recorded is not None
    connection.rollback()
    second = collect_version(version, "synthetic", posts=100, settings=own)
    assert second == first | {"status": "unchanged"}
    assert row(connection, version) == recorded
    (tmp_path / "a.jsonl").write_text('{"id_str": "1", "text": "a"}')
    with pytest.raises(CollectionError, match=rf"version {version} .*synthetic.*dump.*clean_dataset"):
        collect_version(version, "dump", path=str(tmp_path / "a.jsonl"), settings=own)


def test_a_version_that_kafka_has_lost_is_published_anew(kafka, own, connection, version) -> None:
    from include.infra.kafka.connection import admin_client

    source = SyntheticSource(own, posts=50, seed=1)
    collect(version, source, own)
    admin = admin_client(own)
    for deleted in admin.delete_topics([own.ai_topic, own.mix_topic]).values():
        deleted.result()
    eventually(lambda: own.ai_topic not in admin.list_topics(timeout=10).topics)
    assert collect(version, source, own)["status"] == "republished"


def test_a_half_finished_collection_leaves_no_record(kafka, own, connection, version) -> None:
    class Breaks(SyntheticSource):
        def posts(self):
            for number, post in enumerate(super().posts()):
                if number == 30:
                    raise SourceError("the cable fell out")
                yield post

    with pytest.raises(SourceError):
        collect(version, Breaks(own, posts=50, seed=1), own)
    assert row(connection, version) is None
    connection.rollback()
    assert collect(version, SyntheticSource(own, posts=50, seed=1), own)["status"] == "published"
    assert row(connection, version)[3] == {own.ai_topic: 25, own.mix_topic: 25}  # type: ignore[index]


def test_two_runs_do_not_collect_one_version(kafka, own, version) -> None:
    entered, leave = threading.Event(), threading.Event()

    class Waits(SyntheticSource):
        def posts(self):
            entered.set()
            assert leave.wait(30)
            yield from super().posts()

    thread = threading.Thread(target=collect, args=(version, Waits(own, posts=10, seed=1), own))
    thread.start()
    try:
        assert entered.wait(30)
        with pytest.raises(CollectionError, match="by another run"):
            collect(version, SyntheticSource(own, posts=10, seed=1), own)
    finally:
        leave.set()
        thread.join(30)


def test_a_refusing_server_is_waited_for_and_a_live_version_ends_in_time(
    kafka, own, database, version
) -> None:
    with replay(own, "--fail-connects", "1", "--fail-status", "503", "--rate", "50") as client:
        started = time.monotonic()
        result = collect_version(version, "replay", posts=100_000, seconds=8, settings=own)
        assert 7 < time.monotonic() - started < 300  # of 2,000 that so many posts would take
        assert sum(result["posts"].values()) > 20
        assert client.get("/status").json()["connects"] == 2
