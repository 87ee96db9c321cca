"""Annotators for tests: label posts of a small version, and read what came of it."""

from __future__ import annotations

from uuid import uuid4

import psycopg

from include.annotation.labels import events
from include.annotation.quality.agreement import Ratings, ratings
from include.annotation.queues.queue import next_item
from include.settings import Settings

VERSION = 910_001


def someone() -> str:
    return f"annotator {uuid4().hex[:8]}"


def golden(connection: psycopg.Connection, text_hash: str) -> list[tuple[str, int, int | None]]:
    rows = connection.execute(
        "SELECT annotator, label, agreed_label FROM golden_label WHERE text_hash = %s ORDER BY annotator",
        [text_hash],
    )
    return rows.fetchall()


def add_event(
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


def with_overlap(settings: Settings, overlap: float, adjudicators: str = "") -> Settings:
    return settings.model_copy(update={"tagger_overlap": overlap, "adjudicators": adjudicators})


def label_all(
    connection: psycopg.Connection, annotator: str, settings: Settings, queue: str = "random", label: int = 1
) -> dict[str, str]:
    """Label to the end of a queue; text hash -> the queue of its event."""
    done = {}
    while item := next_item(connection, annotator, VERSION, queue, settings):
        assert item.text_hash not in done
        done[item.text_hash] = item.queue
        events.record(connection, item, "label", label)
    return done


def ratings_of(connection: psycopg.Connection, annotator: str) -> Ratings:
    """The version's ratings of texts that the annotator labelled; other tests left theirs."""
    return {text: given for text, given in ratings(connection, VERSION).items() if annotator in given}
