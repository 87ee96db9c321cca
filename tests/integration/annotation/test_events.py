"""Recording, undoing and looking back at events, and what the view golden_label makes of them."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from include.annotation.labels import events
from include.annotation.labels.events import Action, look_back
from include.annotation.queues.queue import next_item
from tests.support.annotators import VERSION, add_event, golden, someone

pytestmark = pytest.mark.stack


def test_undo_is_an_event_and_brings_the_post_back(tagger: psycopg.Connection) -> None:
    ann = someone()
    item = next_item(tagger, ann, VERSION)
    assert item is not None
    event = events.record(tagger, item, "label", 1)
    following = next_item(tagger, ann, VERSION)
    assert events.undo(tagger, ann, event) == event
    assert events.undo(tagger, ann, event) is None  # a double press
    assert golden(tagger, item.text_hash) == []
    back = next_item(tagger, ann, VERSION)
    assert back is not None
    assert back.text_hash == item.text_hash
    assert events.record(tagger, back, "label", 0) is not None
    assert golden(tagger, item.text_hash) == [(ann, 0, 0)]
    forth = next_item(tagger, ann, VERSION)
    assert forth is not None
    assert following is not None
    assert forth.text_hash == following.text_hash


def test_undo_walks_back_through_labels_skips_and_flags(tagger: psycopg.Connection) -> None:
    ann = someone()
    made = []
    done: list[tuple[Action, int | None]] = [("label", 1), ("skip", None), ("flag", None)]
    for action, label in done:
        item = next_item(tagger, ann, VERSION)
        assert item is not None
        made.append(events.record(tagger, item, action, label))
    assert [events.undo(tagger, ann) for _ in range(4)] == [*reversed(made), None]


def test_any_event_of_ones_own_can_be_undone(tagger: psycopg.Connection) -> None:
    ann = someone()
    items = []
    for label in (1, 0):
        item = next_item(tagger, ann, VERSION)
        assert item is not None
        items.append((item, events.record(tagger, item, "label", label)))
    first, event = items[0]
    assert events.undo(tagger, someone(), event) is None  # somebody else's
    assert events.undo(tagger, ann, event) == event
    back = next_item(tagger, ann, VERSION)
    assert back is not None
    assert back.text_hash == first.text_hash
    past = look_back(tagger, ann, 1)
    assert past is not None
    assert (past.event, past.verdict) == (items[1][1], "not AI")
    assert look_back(tagger, ann, 2) is None


def test_a_wrong_label_is_refused(tagger: psycopg.Connection) -> None:
    item = next_item(tagger, someone(), VERSION)
    assert item is not None
    wrong: list[tuple[Action, int | None]] = [("label", 2), ("label", None), ("skip", 1)]
    for action, label in wrong:
        with pytest.raises(ValueError, match="does not go with"):
            events.record(tagger, item, action, label)


def test_events_cannot_be_changed(connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        connection.execute("DELETE FROM label_event")


def test_a_tie_agrees_on_nothing_until_adjudicated(connection: psycopg.Connection) -> None:
    text = uuid4().hex
    add_event(connection, text, "ann", 1, "label")
    add_event(connection, text, "bob", 0, "label")
    assert golden(connection, text) == [("ann", 1, None), ("bob", 0, None)]
    add_event(connection, text, "judge", 0, "adjudicate")
    assert [row[2] for row in golden(connection, text)] == [0, 0, 0]


def test_the_latest_label_of_an_annotator_counts(connection: psycopg.Connection) -> None:
    text = uuid4().hex
    add_event(connection, text, "ann", 1, "label")
    add_event(connection, text, "ann", 0, "label")
    assert golden(connection, text) == [("ann", 0, 0)]
    events.undo(connection, "ann")
    assert golden(connection, text) == [("ann", 1, 1)]
