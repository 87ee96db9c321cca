"""Progress and estimates of a version's labels."""

from __future__ import annotations

import psycopg
import pytest

from include.annotation.labels import events
from include.annotation.labels.events import Action
from include.annotation.quality.estimates import estimates, sampled_labels
from include.annotation.quality.progress import posts_to_label, progress
from include.annotation.queues.queue import next_item
from include.labelling import review_queues
from include.schema.dataset_tables import VersionTables
from include.settings import Settings
from tests.support.annotators import VERSION, add_event, label_all, someone

pytestmark = pytest.mark.stack


def test_only_random_labels_of_test_posts_feed_estimates(
    tagger: psycopg.Connection, task: psycopg.Connection, database: Settings
) -> None:
    tables = VersionTables.of(VERSION)
    review_queues.add_doubtful(task, tables)
    ann = someone()
    doubtful = label_all(tagger, ann, database, "uncertainty", label=0)
    table = tables.split("test")
    last = f"SELECT text_hash, text FROM {table} ORDER BY text_hash DESC LIMIT 1"  # noqa: S608
    imported = tagger.execute(last).fetchone()
    assert imported is not None
    add_event(tagger, imported[0], ann, 1, "label", queue="import", text=imported[1])
    drawn = label_all(tagger, ann, database)
    sample = {row.text_hash for row in sampled_labels(tagger, tables)}
    assert len(doubtful) == 2
    assert sample == drawn.keys() - {imported[0]}
    assert len(sample) == 9
    assert [(one.hits, one.n) for one in estimates(sampled_labels(tagger, tables))] == [
        (9, 9),
        (0, 0),
        (0, 9),
    ]


def test_progress_counts_what_stands(tagger: psycopg.Connection) -> None:
    ann = someone()
    done: list[tuple[Action, int | None]] = [("label", 1), ("label", 0), ("skip", None), ("label", 1)]
    for action, label in done:
        item = next_item(tagger, ann, VERSION)
        assert item is not None
        events.record(tagger, item, action, label)
    events.undo(tagger, ann)
    mine = next(line for line in progress(tagger, VERSION) if line.annotator == ann)
    assert (mine.ai, mine.not_ai, mine.skipped, mine.labelled) == (1, 1, 1, 2)
    assert posts_to_label(tagger, VersionTables.of(VERSION).splits)["test"] == (2, 10)
