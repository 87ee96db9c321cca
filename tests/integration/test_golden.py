"""Queues, leases, events and the golden_label view on a real PostgreSQL."""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from include.annotation.labels import events
from include.annotation.labels.events import look_back
from include.annotation.labels.transfer import ImportRefused, export_labels, import_labels, main
from include.annotation.quality.agreement import Ratings, agreement, ratings
from include.annotation.quality.estimates import estimates, sampled_labels
from include.annotation.quality.progress import posts_to_label, progress
from include.annotation.queues import leases
from include.annotation.queues.queue import next_item
from include.annotation.queues.roles import NotAdjudicator
from include.infra.postgres.connection import connect
from include.labelling import review_queues
from include.schema.dataset_tables import MissingTable, VersionTables
from include.settings import Settings
from tests.support.version_of_posts import build, drop

pytestmark = pytest.mark.stack
VERSION = 910_001


@pytest.fixture
def desk(database: Settings) -> Iterator[psycopg.Connection]:
    """A connection as the tagger has it, over a version of ten test posts and two train posts."""
    tag = uuid4().hex
    with connect(database, autocommit=True) as connection:
        texts = {
            "test": [f"test post {place} {tag}" for place in range(10)],
            "train": [f"doubtful {tag}", f"sure {tag}"],
        }
        build(connection, VERSION, texts)
        connection.execute("DELETE FROM labelling_lease")
        review_queues.clear(connection, VERSION)
        yield connection
        drop(connection, VERSION)


def golden(connection: psycopg.Connection, text_hash: str) -> list[tuple[str, int, int | None]]:
    rows = connection.execute(
        "SELECT annotator, label, agreed_label FROM golden_label WHERE text_hash = %s ORDER BY annotator",
        [text_hash],
    )
    return rows.fetchall()


def someone() -> str:
    return f"annotator {uuid4().hex[:8]}"


def test_own_unfinished_item_comes_first(desk: psycopg.Connection) -> None:
    ann, bob = someone(), someone()
    first = next_item(desk, ann, VERSION)
    other = next_item(desk, bob, VERSION)
    assert first is not None
    assert other is not None
    assert first.text_hash != other.text_hash
    assert next_item(desk, ann, VERSION) == first


def test_order_is_the_same_for_every_annotator(desk: psycopg.Connection) -> None:
    def walk(annotator: str) -> list[str]:
        walked = []
        while item := next_item(desk, annotator, VERSION):
            walked.append(item.text_hash)
            events.record(desk, item, "skip")
        return walked

    walked = walk(someone())
    assert len(walked) == 12
    assert walk(someone()) == walked


def test_expired_lease_is_free_again_and_its_label_refused(desk: psycopg.Connection) -> None:
    ann, bob = someone(), someone()
    lost = next_item(desk, ann, VERSION)
    assert lost is not None
    desk.execute(
        "UPDATE labelling_lease SET expires_at = now() - interval '1 second' WHERE lease_id = %s",
        [lost.lease_id],
    )
    taken = next_item(desk, bob, VERSION)
    assert taken is not None
    assert taken.text_hash == lost.text_hash
    with pytest.raises(leases.LeaseLost, match="ran out"):
        events.record(desk, lost, "label", 1)
    assert events.record(desk, taken, "label", 0) is not None
    assert golden(desk, lost.text_hash) == [(bob, 0, 0)]


def test_double_press_is_one_event(desk: psycopg.Connection) -> None:
    item = next_item(desk, someone(), VERSION)
    assert item is not None
    assert events.record(desk, item, "label", 1) is not None
    assert events.record(desk, item, "label", 0) is None
    assert golden(desk, item.text_hash) == [(item.annotator, 1, 1)]


def test_undo_is_an_event_and_brings_the_post_back(desk: psycopg.Connection) -> None:
    ann = someone()
    item = next_item(desk, ann, VERSION)
    assert item is not None
    event = events.record(desk, item, "label", 1)
    following = next_item(desk, ann, VERSION)
    assert events.undo(desk, ann, event) == event
    assert events.undo(desk, ann, event) is None  # a double press
    assert golden(desk, item.text_hash) == []
    back = next_item(desk, ann, VERSION)
    assert back is not None
    assert back.text_hash == item.text_hash
    assert events.record(desk, back, "label", 0) is not None
    assert golden(desk, item.text_hash) == [(ann, 0, 0)]
    forth = next_item(desk, ann, VERSION)
    assert forth is not None
    assert following is not None
    assert forth.text_hash == following.text_hash


def test_after_an_undo_one_item_is_in_hand(desk: psycopg.Connection) -> None:
    ann = someone()
    item = next_item(desk, ann, VERSION)
    assert item is not None
    event = events.record(desk, item, "label", 1)
    following = next_item(desk, ann, VERSION)
    assert following is not None
    events.undo(desk, ann, event)
    held = desk.execute("SELECT text_hash FROM labelling_lease WHERE annotator = %s", [ann]).fetchall()
    assert held == [(item.text_hash,)]
    with pytest.raises(leases.LeaseLost, match="another post"):  # a key of the post that was put back
        events.record(desk, following, "label", 0)
    assert golden(desk, following.text_hash) == []


def test_undo_walks_back_through_labels_skips_and_flags(desk: psycopg.Connection) -> None:
    ann = someone()
    made = []
    for action, label in (("label", 1), ("skip", None), ("flag", None)):
        item = next_item(desk, ann, VERSION)
        assert item is not None
        made.append(events.record(desk, item, action, label))
    assert [events.undo(desk, ann) for _ in range(4)] == [*reversed(made), None]


def test_a_wrong_label_is_refused(desk: psycopg.Connection) -> None:
    item = next_item(desk, someone(), VERSION)
    assert item is not None
    for action, label in (("label", 2), ("label", None), ("skip", 1)):
        with pytest.raises(ValueError, match="does not go with"):
            events.record(desk, item, action, label)


def test_events_cannot_be_changed(desk: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        desk.execute("DELETE FROM label_event")


def put(
    connection: psycopg.Connection,
    text_hash: str,
    annotator: str,
    label: int,
    action: str,
    queue: str = "random",
    text: str = "x",
) -> None:
    connection.execute(
        """INSERT INTO label_event (text_hash, post_id, text, annotator, action, label, queue)
           VALUES (%s, 'x', %s, %s, %s, %s, %s)""",
        [text_hash, text, annotator, action, label, queue],
    )


def test_a_tie_agrees_on_nothing_until_adjudicated(connection: psycopg.Connection) -> None:
    text = uuid4().hex
    put(connection, text, "ann", 1, "label")
    put(connection, text, "bob", 0, "label")
    assert golden(connection, text) == [("ann", 1, None), ("bob", 0, None)]
    put(connection, text, "judge", 0, "adjudicate")
    assert [row[2] for row in golden(connection, text)] == [0, 0, 0]


def test_the_latest_label_of_an_annotator_counts(connection: psycopg.Connection) -> None:
    text = uuid4().hex
    put(connection, text, "ann", 1, "label")
    put(connection, text, "ann", 0, "label")
    assert golden(connection, text) == [("ann", 0, 0)]
    events.undo(connection, "ann")
    assert golden(connection, text) == [("ann", 1, 1)]


def test_uncertainty_draws_doubtful_train_posts_first(desk: psycopg.Connection) -> None:
    tables = VersionTables.of(VERSION)
    table = tables.split("train")
    desk.execute(f"UPDATE {table} SET weak_probability = CASE WHEN text LIKE 'sure%' THEN 0.99 ELSE 0.6 END")  # noqa: S608
    review_queues.add_doubtful(desk, tables)
    ann = someone()
    texts = []
    while item := next_item(desk, ann, VERSION, "uncertainty"):
        texts.append(item.text.split()[0])
        events.record(desk, item, "label", 1)
    assert texts == ["doubtful", "sure"]


def test_two_at_once_never_get_the_same_post(desk: psycopg.Connection, database: Settings) -> None:
    seen: list[str] = []
    alone = database.model_copy(update={"tagger_overlap": 0.0})

    def label_queue(annotator: str) -> None:
        with connect(database, autocommit=True) as own:
            while item := next_item(own, annotator, VERSION, settings=alone):
                seen.append(item.text_hash)
                events.record(own, item, "label", 1)

    threads = [threading.Thread(target=label_queue, args=[someone()]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == len(set(seen)) == 12


def share(settings: Settings, overlap: float, adjudicators: str = "") -> Settings:
    return settings.model_copy(update={"tagger_overlap": overlap, "adjudicators": adjudicators})


def label_all(
    connection: psycopg.Connection, annotator: str, settings: Settings, queue: str = "random", label: int = 1
) -> dict[str, str]:
    """Label to the end of a queue; text hash -> the queue that its event bears."""
    done = {}
    while item := next_item(connection, annotator, VERSION, queue, settings):
        assert item.text_hash not in done
        done[item.text_hash] = item.queue
        events.record(connection, item, "label", label)
    return done


def ratings_of(connection: psycopg.Connection, annotator: str) -> Ratings:
    """The version's ratings of texts that the annotator labelled; other tests left theirs."""
    return {text: given for text, given in ratings(connection, VERSION).items() if annotator in given}


def test_overlap_gives_its_share_to_two_people_and_no_more(
    desk: psycopg.Connection, database: Settings
) -> None:
    first = label_all(desk, someone(), share(database, 1))
    second = label_all(desk, someone(), share(database, 1))
    third = label_all(desk, someone(), share(database, 1))
    assert set(first.values()) == {"random"}
    assert set(second.values()) == {"overlap"}
    assert (len(first), second.keys() == first.keys(), third) == (12, True, {})


def test_a_part_of_the_random_queue_overlaps(database: Settings) -> None:
    with connect(database, autocommit=True) as connection:
        build(connection, VERSION, {"test": [f"post {place} {uuid4().hex}" for place in range(200)]})
        ann, bob = someone(), someone()
        assert len(label_all(connection, ann, share(database, 0.25))) == 200
        assert label_all(connection, bob, share(database, 0), "overlap") == {}
        twice = label_all(connection, bob, share(database, 0.25), "overlap", label=0)
        assert 25 <= len(twice) <= 75
        assert set(twice.values()) == {"overlap"}
        found = agreement(ratings_of(connection, ann))
        assert found is not None
        assert (found.measure, found.texts, found.alike) == ("Cohen's kappa", len(twice), 0)
        drop(connection, VERSION)


def test_disputed_and_flagged_posts_go_to_adjudicators(desk: psycopg.Connection, database: Settings) -> None:
    ann, bob, judge = someone(), someone(), someone()
    settings = share(database, 1, adjudicators=judge)
    with pytest.raises(NotAdjudicator, match="TWEETSIEVE_ADJUDICATORS"):
        next_item(desk, ann, VERSION, "adjudication", settings)
    assert next_item(desk, judge, VERSION, "adjudication", settings) is None
    disputed = next_item(desk, ann, VERSION, settings=settings)
    assert disputed is not None
    events.record(desk, disputed, "label", 1)
    flagged = next_item(desk, ann, VERSION, settings=settings)
    assert flagged is not None
    events.record(desk, flagged, "flag")
    again = next_item(desk, bob, VERSION, settings=settings)
    assert again is not None
    assert (again.text_hash, again.queue) == (disputed.text_hash, "overlap")
    events.record(desk, again, "label", 0)
    decided = []
    while item := next_item(desk, judge, VERSION, "adjudication", settings):
        with pytest.raises(ValueError, match="queue 'adjudication'"):
            events.record(desk, item, "label", 1)
        decided.append(item.text_hash)
        events.record(desk, item, "adjudicate", 0)
    assert sorted(decided) == sorted([disputed.text_hash, flagged.text_hash])
    assert {row[2] for row in golden(desk, disputed.text_hash)} == {0}
    found = agreement(ratings_of(desk, ann))
    assert found is not None
    assert (found.annotators, found.texts) == (tuple(sorted([ann, bob])), 1)


def test_only_random_labels_of_test_posts_feed_estimates(
    desk: psycopg.Connection, database: Settings
) -> None:
    tables = VersionTables.of(VERSION)
    review_queues.add_doubtful(desk, tables)
    ann = someone()
    doubtful = label_all(desk, ann, database, "uncertainty", label=0)
    table = tables.split("test")
    last = f"SELECT text_hash, text FROM {table} ORDER BY text_hash DESC LIMIT 1"  # noqa: S608
    imported = desk.execute(last).fetchone()
    assert imported is not None
    put(desk, imported[0], ann, 1, "label", queue="import", text=imported[1])
    drawn = label_all(desk, ann, database)
    sample = {row.text_hash for row in sampled_labels(desk, tables)}
    assert len(doubtful) == 2
    assert sample == drawn.keys() - {imported[0]}
    assert len(sample) == 9
    assert [(one.hits, one.n) for one in estimates(sampled_labels(desk, tables))] == [(9, 9), (0, 0), (0, 9)]


def test_a_list_outlives_its_posts_without_harm(desk: psycopg.Connection) -> None:
    desk.execute(
        "INSERT INTO labelling_queue (version, queue, text_hash, priority)"
        " VALUES (%s, 'conflict', 'gone', 1)",
        [VERSION],
    )
    assert next_item(desk, someone(), VERSION, "conflict") is None
    left = "SELECT FROM labelling_queue WHERE version = %s"
    assert desk.execute(left, [VERSION]).fetchone() is None


def test_any_event_of_ones_own_can_be_undone(desk: psycopg.Connection) -> None:
    ann = someone()
    items = []
    for label in (1, 0):
        item = next_item(desk, ann, VERSION)
        assert item is not None
        items.append((item, events.record(desk, item, "label", label)))
    first, event = items[0]
    assert events.undo(desk, someone(), event) is None  # somebody else's
    assert events.undo(desk, ann, event) == event
    back = next_item(desk, ann, VERSION)
    assert back is not None
    assert back.text_hash == first.text_hash
    past = look_back(desk, ann, 1)
    assert past is not None
    assert (past.event, past.verdict) == (items[1][1], "not AI")
    assert look_back(desk, ann, 2) is None


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


def test_progress_counts_what_stands(desk: psycopg.Connection) -> None:
    ann = someone()
    for action, label in (("label", 1), ("label", 0), ("skip", None), ("label", 1)):
        item = next_item(desk, ann, VERSION)
        assert item is not None
        events.record(desk, item, action, label)
    events.undo(desk, ann)
    mine = next(line for line in progress(desk, VERSION) if line.annotator == ann)
    assert (mine.ai, mine.not_ai, mine.skipped, mine.labelled) == (1, 1, 1, 2)
    assert posts_to_label(desk, VersionTables.of(VERSION).splits)["test"] == (2, 10)


def test_an_unbuilt_version_names_the_dag(desk: psycopg.Connection) -> None:
    with pytest.raises(MissingTable, match="build_dataset"):
        next_item(desk, "ann", 910_999)
    with pytest.raises(ValueError, match="random"):
        next_item(desk, "ann", VERSION, "best")


def write(path: Path, rows: list[dict[str, object] | str]) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def test_import_twice_adds_once(desk: psycopg.Connection, database: Settings, tmp_path: Path) -> None:
    rows = [
        {"id_str": f"{VERSION}-test-0", "label": 1, "hard": True},
        {"id_str": f"{VERSION}-test-1", "label": 0},
        {"id_str": "elsewhere", "label": 1, "text": f"only in the file {uuid4().hex}"},
    ]
    path = write(tmp_path / "golden.jsonl", rows)
    annotator = someone()
    first = import_labels(path, VERSION, database, annotator)
    again = import_labels(path, VERSION, database, annotator)
    assert (first.read, first.added, first.unchanged) == (3, 3, 0)
    assert (again.read, again.added, again.unchanged) == (3, 0, 3)


def test_bad_rows_are_told_by_line_and_nothing_is_taken(
    desk: psycopg.Connection, database: Settings, tmp_path: Path
) -> None:
    good = f"{VERSION}-test-2"
    rows: list[dict[str, object] | str] = [
        {"id_str": good, "label": 1},
        {"id_str": "unknown", "label": 1},
        {"id_str": f"{VERSION}-test-3", "label": 2},
        '{"id_str": ',
        {"id_str": good, "label": 1},
        {"id_str": good, "label": 0},
        {"id_str": "nul", "label": 1, "text": "a\x00b"},
    ]
    path = write(tmp_path / "bad.jsonl", rows)
    annotator = someone()
    with pytest.raises(ImportRefused) as refused:
        import_labels(path, VERSION, database, annotator)
    assert [bad.line for bad in refused.value.report.problems] == [2, 3, 4, 5, 6, 7]
    assert "line 3: label 2" in str(refused.value)
    count = "SELECT count(*) FROM label_event WHERE annotator = %s"
    assert desk.execute(count, [annotator]).fetchone() == (0,)
    taken = import_labels(path, VERSION, database, annotator, partial=True)
    assert (taken.added, len(taken.problems)) == (1, 6)
    assert desk.execute(count, [annotator]).fetchone() == (1,)


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz", "out.csv", "out.csv.gz", "out.parquet"])
def test_an_export_comes_back_as_it_was(
    desk: psycopg.Connection, database: Settings, tmp_path: Path, name: str
) -> None:
    annotator = someone()
    rows = [
        {"id_str": f"{VERSION}-test-{place}", "label": place % 2, "hard": place == 3} for place in range(5)
    ]
    import_labels(write(tmp_path / "in.jsonl", rows), VERSION, database, annotator)
    written = export_labels(tmp_path / name, database)
    back = import_labels(tmp_path / name, VERSION, database)
    assert (back.read, back.added) == (written, 0)
    assert written >= 5


def test_the_command_line_tells_what_is_wrong(
    desk: psycopg.Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "bad.jsonl", [{"id_str": "unknown", "label": 1}])
    assert main(["import", str(path), "--version", str(VERSION)]) == 2
    assert "line 1: id_str 'unknown' is not in raw_tweet_dataset_910001" in capsys.readouterr().err
    assert main(["import", str(path), "--version", str(VERSION), "--partial"]) == 0
    assert main(["import", str(path), "--version", "-1"]) == 2
    assert main(["import", str(tmp_path / "none.jsonl"), "--version", "0"]) == 2
