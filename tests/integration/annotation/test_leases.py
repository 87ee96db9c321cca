"""Leases and events: who holds which post, and what a press on it records."""

from __future__ import annotations

import threading

import psycopg
import pytest

from include.annotation.labels import events
from include.annotation.queues import leases
from include.annotation.queues.queue import next_item
from include.infra.postgres.connection import connect
from include.settings import Settings
from tests.support.annotators import VERSION, golden, someone

pytestmark = pytest.mark.stack


def test_own_unfinished_item_comes_first(tagger: psycopg.Connection) -> None:
    ann, bob = someone(), someone()
    first = next_item(tagger, ann, VERSION)
    other = next_item(tagger, bob, VERSION)
    assert first is not None
    assert other is not None
    assert first.text_hash != other.text_hash
    assert next_item(tagger, ann, VERSION) == first


def test_expired_lease_is_free_again_and_its_label_refused(tagger: psycopg.Connection) -> None:
    ann, bob = someone(), someone()
    lost = next_item(tagger, ann, VERSION)
    assert lost is not None
    tagger.execute(
        "UPDATE labelling_lease SET expires_at = now() - interval '1 second' WHERE lease_id = %s",
        [lost.lease_id],
    )
    taken = next_item(tagger, bob, VERSION)
    assert taken is not None
    assert taken.text_hash == lost.text_hash
    with pytest.raises(leases.ItemLeaseLost, match="ran out"):
        events.record(tagger, lost, "label", 1)
    assert events.record(tagger, taken, "label", 0) is not None
    assert golden(tagger, lost.text_hash) == [(bob, 0, 0)]


def test_double_press_is_one_event(tagger: psycopg.Connection) -> None:
    item = next_item(tagger, someone(), VERSION)
    assert item is not None
    assert events.record(tagger, item, "label", 1) is not None
    assert events.record(tagger, item, "label", 0) is None
    assert golden(tagger, item.text_hash) == [(item.annotator, 1, 1)]


def test_after_an_undo_one_item_is_in_hand(tagger: psycopg.Connection) -> None:
    ann = someone()
    item = next_item(tagger, ann, VERSION)
    assert item is not None
    event = events.record(tagger, item, "label", 1)
    following = next_item(tagger, ann, VERSION)
    assert following is not None
    events.undo(tagger, ann, event)
    held = tagger.execute("SELECT text_hash FROM labelling_lease WHERE annotator = %s", [ann]).fetchall()
    assert held == [(item.text_hash,)]
    with pytest.raises(leases.ItemLeaseLost, match="another post"):  # a key of the post that was put back
        events.record(tagger, following, "label", 0)
    assert golden(tagger, following.text_hash) == []


def test_two_at_once_never_get_the_same_post(tagger: psycopg.Connection, database: Settings) -> None:
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
