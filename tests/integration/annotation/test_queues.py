"""Which post each queue offers next."""

from __future__ import annotations

import statistics
import time
from uuid import uuid4

import psycopg
import pytest

from include.annotation.labels import events
from include.annotation.quality.agreement import agreement
from include.annotation.queues.queue import next_item
from include.annotation.queues.roles import NotAdjudicator
from include.infra.postgres.connection import connect
from include.labelling import review_queues
from include.schema.dataset_tables import MissingTable, VersionTables
from include.settings import Settings
from tests.support.annotators import VERSION, golden, label_all, ratings_of, someone, with_overlap
from tests.support.datasets.version_of_posts import build, drop

pytestmark = pytest.mark.stack


def test_order_is_the_same_for_every_annotator(tagger: psycopg.Connection) -> None:
    def walk(annotator: str) -> list[str]:
        walked = []
        while item := next_item(tagger, annotator, VERSION):
            walked.append(item.text_hash)
            events.record(tagger, item, "skip")
        return walked

    walked = walk(someone())
    assert len(walked) == 12
    assert walk(someone()) == walked


def test_uncertainty_draws_doubtful_train_posts_first(
    tagger: psycopg.Connection, task: psycopg.Connection
) -> None:
    tables = VersionTables.of(VERSION)
    table = tables.split("train")
    task.execute(
        f"UPDATE {table} SET weak_probability = CASE WHEN text LIKE 'sure%' THEN 0.99 ELSE 0.6 END"  # noqa: S608
    )
    review_queues.add_doubtful(task, tables)
    ann = someone()
    texts = []
    while item := next_item(tagger, ann, VERSION, "uncertainty"):
        texts.append(item.text.split()[0])
        events.record(tagger, item, "label", 1)
    assert texts == ["doubtful", "sure"]


def test_overlap_gives_its_share_to_two_people_and_no_more(
    tagger: psycopg.Connection, database: Settings
) -> None:
    first = label_all(tagger, someone(), with_overlap(database, 1))
    second = label_all(tagger, someone(), with_overlap(database, 1))
    third = label_all(tagger, someone(), with_overlap(database, 1))
    assert set(first.values()) == {"random"}
    assert set(second.values()) == {"overlap"}
    assert (len(first), second.keys() == first.keys(), third) == (12, True, {})


def test_a_part_of_the_random_queue_overlaps(database: Settings) -> None:
    with connect(database, autocommit=True) as connection:
        build(connection, VERSION, {"test": [f"post {place} {uuid4().hex}" for place in range(200)]})
        ann, bob = someone(), someone()
        assert len(label_all(connection, ann, with_overlap(database, 0.25))) == 200
        assert label_all(connection, bob, with_overlap(database, 0), "overlap") == {}
        twice = label_all(connection, bob, with_overlap(database, 0.25), "overlap", label=0)
        assert 25 <= len(twice) <= 75
        assert set(twice.values()) == {"overlap"}
        found = agreement(ratings_of(connection, ann))
        assert found is not None
        assert (found.measure, found.texts, found.alike) == ("Cohen's kappa", len(twice), 0)
        drop(connection, VERSION)


def test_disputed_and_flagged_posts_go_to_adjudicators(
    tagger: psycopg.Connection, database: Settings
) -> None:
    ann, bob, judge = someone(), someone(), someone()
    settings = with_overlap(database, 1, adjudicators=judge)
    with pytest.raises(NotAdjudicator, match="TWEETSIEVE_ADJUDICATORS"):
        next_item(tagger, ann, VERSION, "adjudication", settings)
    assert next_item(tagger, judge, VERSION, "adjudication", settings) is None
    disputed = next_item(tagger, ann, VERSION, settings=settings)
    assert disputed is not None
    events.record(tagger, disputed, "label", 1)
    flagged = next_item(tagger, ann, VERSION, settings=settings)
    assert flagged is not None
    events.record(tagger, flagged, "flag")
    again = next_item(tagger, bob, VERSION, settings=settings)
    assert again is not None
    assert (again.text_hash, again.queue) == (disputed.text_hash, "overlap")
    events.record(tagger, again, "label", 0)
    decided = []
    while item := next_item(tagger, judge, VERSION, "adjudication", settings):
        with pytest.raises(ValueError, match="queue 'adjudication'"):
            events.record(tagger, item, "label", 1)
        decided.append(item.text_hash)
        events.record(tagger, item, "adjudicate", 0)
    assert sorted(decided) == sorted([disputed.text_hash, flagged.text_hash])
    assert {row[2] for row in golden(tagger, disputed.text_hash)} == {0}
    found = agreement(ratings_of(tagger, ann))
    assert found is not None
    assert (found.annotators, found.texts) == (tuple(sorted([ann, bob])), 1)


def test_a_list_outlives_its_posts_without_harm(tagger: psycopg.Connection, task: psycopg.Connection) -> None:
    task.execute(
        "INSERT INTO labelling_queue (version, queue, text_hash, priority)"
        " VALUES (%s, 'conflict', 'gone', 1)",
        [VERSION],
    )
    assert next_item(tagger, someone(), VERSION, "conflict") is None
    left = "SELECT FROM labelling_queue WHERE version = %s"
    assert tagger.execute(left, [VERSION]).fetchone() is None


def test_an_unbuilt_version_names_the_dag(tagger: psycopg.Connection) -> None:
    with pytest.raises(MissingTable, match="build_dataset"):
        next_item(tagger, "ann", 910_999)
    with pytest.raises(ValueError, match="random"):
        next_item(tagger, "ann", VERSION, "best")


def test_the_next_post_takes_little_of_the_database(database: Settings, record_property) -> None:
    with connect(database, autocommit=True) as connection:
        fill(connection, posts=20_000)
        ann = someone()
        took = []
        for _ in range(100):
            start = time.perf_counter()
            item = next_item(connection, ann, VERSION, settings=database)
            assert item is not None
            events.record(connection, item, "label", 1)
            took.append((time.perf_counter() - start) * 1000)
        median = statistics.median(took)
        print(f"next_item and record on 20,000 posts: median {median:.1f} ms, longest {max(took):.1f} ms")
        record_property("median_ms", median)
        assert median < 100  # a few in fact; a page has 200
        drop(connection, VERSION)


def fill(connection: psycopg.Connection, posts: int) -> None:
    """A version of 500 test posts, and of many that the server itself makes of one of them."""
    build(connection, VERSION, {"test": [f"one {uuid4().hex}" for _ in range(500)]})
    source, target = (VersionTables.of(VERSION).split(name) for name in ("test", "train"))
    rows = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
        [source],
    )
    names = [row[0] for row in rows]
    made = {"id": "'many-' || n", "text_hash": "left(md5('many' || n), 32)"}
    values = ", ".join(made.get(name, name) for name in names)
    connection.execute(
        f"INSERT INTO {target} ({', '.join(names)}) SELECT {values} "  # noqa: S608
        f"FROM (SELECT * FROM {source} LIMIT 1) one, generate_series(1, {posts}) n"
    )
    for table in (source, target):
        connection.execute(f"ANALYZE {table}")
