"""A post goes everywhere, is forgotten, is nowhere, and does not come back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import orjson
import psycopg
import pytest

from include.annotation.labels.importing import import_labels
from include.forgetting import tombstones
from include.forgetting.forget import ForgettingUnderWay, forget, forget_again
from include.forgetting.places import PLACES, declared
from include.forgetting.request import make_request
from include.infra.postgres.connection import connect
from include.promotion.ledger.chain import check_ledger
from include.settings import Settings
from tests.support.forgetting.posts import (
    ALIKE,
    AUTHOR,
    BROKEN,
    ID,
    NEEDLE,
    OTHER,
    QUOTE,
    REPOST,
    TEXT,
    lines,
)
from tests.support.forgetting.search import files_with, tables_with, topic
from tests.support.forgetting.whole_life import build_version, collect_dump, label, report, stream

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

VERSION = 3
PROMOTION = """
INSERT INTO promotion (model_name, target, action, to_version, outcome, reason, evidence, evidence_hash,
                       started_at) VALUES ('m', 'local', 'promote', 1, 'rejected', '', '{}', '', now())
"""
COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables
    USING (table_schema, table_name)
WHERE table_type = 'BASE TABLE' AND table_schema = 'public'
  AND NOT (SELECT relispartition FROM pg_class
           WHERE oid = format('%I.%I', table_schema, table_name)::regclass)
  AND (data_type IN ('text', 'json', 'jsonb', 'bytea', 'ARRAY', 'character varying', 'xml'))
"""


def folder(settings: Settings) -> Path:
    return Path(settings.forget_folders)


def everywhere(settings: Settings) -> list[str]:
    return files_with([folder(settings), settings.state_dir], NEEDLE)


@pytest.fixture
def lived(own: Settings) -> Settings:
    """The posts have gone through everything."""
    dump, labels = folder(own) / "posts.jsonl", folder(own) / "labels.jsonl"
    dump.write_bytes(lines())
    labels.write_bytes(
        b"".join(
            orjson.dumps({"id_str": i, "label": 1, "text": t}) + b"\n"
            for i, t in ((ID, f"{TEXT} again"), (ALIKE, "alike"))
        )
    )
    assert collect_dump(own, VERSION, dump)["status"] == "published"
    build_version(own, VERSION)
    assert stream(own, 0)["rows"] == 5
    with connect(own) as connection:
        raw = connection.execute("SELECT text FROM raw_tweet_dataset_3 WHERE id = %s", [ID]).fetchone()
        connection.execute(PROMOTION)
    assert raw is not None
    label(own, VERSION, ID, raw[0], labels)
    report(own, VERSION, ID, raw[0])
    return own


def test_a_forgotten_post_is_nowhere_and_does_not_come_back(lived: Settings) -> None:
    spread = tables_with(lived, NEEDLE)
    assert set(spread) == {
        "raw_tweet_dataset_3", "deduplicated_raw_tweet_dataset_3", "train_dataset_3", "ai_tweets",
        "label_event", "labelling_bucket", "dead_letter", "stream_restart", "repost_card",
    }  # fmt: skip
    assert len(everywhere(lived)) == 14
    with connect(lived) as connection:
        before = connection.execute("SELECT array_agg(label ORDER BY id) FROM label_event").fetchone()
        chain = check_ledger(connection)
        copied = connection.execute("SELECT link, posts FROM links").fetchall()
    assert copied == [("https://zebra.example/finch", 3)]
    request = make_request(ids=f"{ID}", by="ann", reason="its author asks")

    counted = forget(request, lived, dry_run=True)
    assert (counted.posts, tables_with(lived, NEEDLE)) == (2, spread)
    assert sum(one.removed for one in counted.places.values()) == 0 < counted.found

    receipt = forget(request, lived)
    assert tables_with(lived, NEEDLE) == {}
    assert everywhere(lived) == []
    assert all(receipt.places[place.name].removed for place in PLACES if place.name != "unfinished batches")
    assert {name: one.found for name, one in receipt.places.items()} == {
        name: one.found for name, one in counted.places.items()
    }
    told = topic(lived, lived.forgotten_topic)
    assert [key for key, _ in told] == [f"post:{ID}".encode()]
    assert NEEDLE.encode() not in b"".join(value or b"" for _, value in told)
    for name in (lived.ai_topic, lived.mix_topic):
        assert receipt.kafka[name]["gone_by"] > "2026"
    kept = json.loads(Path(receipt.file).read_text())
    assert kept["places"]["people's labels"] == {"found": 2, "removed": 2}

    with connect(lived) as connection:
        ids = "SELECT array_agg(id ORDER BY id) FROM {}"
        for table in ("raw_tweet_dataset_3", "ai_tweets"):
            assert connection.execute(ids.format(table)).fetchone() == ([QUOTE, ALIKE, OTHER],)
        events = """SELECT array_agg(label ORDER BY id), count(*) FILTER (WHERE text = '[forgotten]')
                    FROM label_event"""
        assert connection.execute(events).fetchone() == (*(before or ()), 2)
        assert check_ledger(connection) == chain
        assert connection.execute("SELECT posts FROM links").fetchall() == [(1,)], (
            "the quote has the link too"
        )
        emptied = "SELECT count(*) FROM dead_letter WHERE value IS NULL AND replayed_at IS NOT NULL"
        assert connection.execute(emptied).fetchone() == (2,), "of the build and of the stream"

    again = forget(request, lived)
    assert (again.posts, again.found) == (2, 0) or again.found == 0
    assert "0 found in all places" in str(again)
    comes_back(lived)


def comes_back(settings: Settings) -> None:
    """By a replay of the topics, a new build, an upload of the dump and of labels: it does not."""
    settings = settings.model_copy(update={"forget_folders": ""})
    counts = stream(settings, 1)
    assert counts["forgotten"] == 2
    build_version(settings, VERSION)
    dump, labels = settings.state_dir / "again.jsonl", settings.state_dir / "labels.jsonl"
    dump.write_bytes(lines())
    labels.write_bytes(orjson.dumps({"id_str": ID, "label": 0, "text": TEXT}) + b"\n")
    assert collect_dump(settings, VERSION + 1, dump)["posts"] == {settings.ai_topic: 2, settings.mix_topic: 2}
    build_version(settings, VERSION + 1)
    report = import_labels(labels, VERSION, settings)
    assert (report.added, report.forgotten) == (0, 1)
    found = tables_with(settings, NEEDLE)
    assert set(found) <= {"dead_letter"}, "a broken payload of another's post, until the next run"
    forget(make_request(ids=ID, by="ann"), settings)
    assert tables_with(settings, NEEDLE) == {}


def test_all_posts_of_an_account(lived: Settings) -> None:
    receipt = forget(make_request(author=AUTHOR, by="ann"), lived)
    assert (receipt.posts, receipt.authors) == (3, 1), "both of its posts, and a repost"
    assert tables_with(lived, NEEDLE) == tables_with(lived, "leipzig") == {}
    assert files_with([folder(lived), lived.state_dir], "leipzig") == []
    assert stream(lived, 1)["forgotten"] == 3


def test_a_killed_run_is_completed_by_the_next_one_whatever_it_is_asked(lived: Settings) -> None:
    class Killed(BaseException):
        pass

    def die(line: str) -> None:
        if line.startswith("dead letters"):
            raise Killed

    with pytest.raises(Killed):
        forget(make_request(ids=ID, by="ann"), lived, say=die)
    assert tables_with(lived, NEEDLE), "it was stopped on the way"
    receipt = forget(make_request(by="the schedule"), lived)
    assert receipt.posts == 2
    assert tables_with(lived, NEEDLE) == {}
    assert everywhere(lived) == []
    assert str(forget(make_request(by="the schedule"), lived)) == "nothing is to be forgotten"


def test_a_restored_backup_forgets_again(lived: Settings, tmp_path: Path) -> None:
    """The database as it was before, with the ids that lie beside the backups."""
    tombstones.keep_ids(lived, make_request(ids=ID, author="99", by="ann").deletions)
    shutil.rmtree(folder(lived))
    forget_again(lived, tombstones.kept_ids(lived.backups_dir))
    assert tables_with(lived, NEEDLE) == {}


def test_kafka_deletes_at_once_what_is_not_needed_any_more(lived: Settings) -> None:
    more = lived.state_dir / "more.jsonl"
    more.write_bytes(orjson.dumps({"id_str": "7", "text": "lunch"}) + b"\n")
    collect_dump(lived, VERSION + 1, more)  # no stream has read it, and no version holds it
    receipt = forget(make_request(ids=ID, by="ann"), lived, now=True)
    assert set(receipt.kafka["now"]["deleted_before"]) == {lived.ai_topic, lived.mix_topic}
    assert set(receipt.kafka["now"]["still_needed_from"]) == {lived.mix_topic}
    left = [key for name in (lived.ai_topic, lived.mix_topic) for key, _ in topic(lived, name)]
    assert left == [b"7"]


def test_only_the_function_redacts_and_nothing_else_changes(lived: Settings) -> None:
    with connect(lived, autocommit=True) as connection:
        for change in (
            "UPDATE label_event SET label = 0, text = '[forgotten]'", "UPDATE label_event SET text = 'x'",
            "DELETE FROM label_event",
        ):  # fmt: skip
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                connection.execute(change)
        connection.execute("DROP ROLE IF EXISTS forget_test_reader")
        connection.execute("CREATE ROLE forget_test_reader")
        connection.execute("GRANT SELECT, UPDATE ON label_event TO forget_test_reader")
        connection.execute("SET ROLE forget_test_reader")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT redact_labels('{1}')")
        connection.execute("RESET ROLE; DROP OWNED BY forget_test_reader; DROP ROLE forget_test_reader")


def test_two_at_once_are_refused(own: Settings) -> None:
    with connect(own) as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended('tweetsieve forgetting', 0))")
        with pytest.raises(ForgettingUnderWay):
            forget(make_request(ids="1", by="ann"), own)


def test_every_column_that_can_hold_a_text_is_declared(lived: Settings) -> None:
    is_declared = declared(lived.dataset_prefix)
    with connect(lived) as connection:
        columns = connection.execute(COLUMNS).fetchall()
        connection.execute("CREATE TABLE new_notes (id bigint, words text)")
        assert {("new_notes", "words")} == set(connection.execute(COLUMNS).fetchall()) - set(columns)
        connection.rollback()
    assert [one for one in columns if not is_declared(*one)] == []
    assert not is_declared("new_notes", "words")


def test_a_hundred_thousand_ids(own: Settings) -> None:
    """In batches, with progress; nothing is there of most."""
    ids = folder(own) / "ids.txt"
    ids.write_text("\n".join(str(10**18 + n) for n in range(100_000)))
    said: list[str] = []
    receipt = forget(make_request(file=str(ids), by="ann"), own, say=said.append)
    assert (receipt.posts, receipt.found) == (100_000, 0)
    assert said[0] == "to be forgotten: 100,000 posts, 0 accounts"
    assert BROKEN not in said
    assert REPOST not in said
