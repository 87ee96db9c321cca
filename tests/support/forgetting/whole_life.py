"""Everything that comes of posts between their arrival and their being forgotten, through the real code.

Only Spark, the model and the pages are left out: what they write is written by the same functions.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
from psycopg import sql

from include.annotation.labels import events
from include.annotation.labels.importing import import_labels
from include.annotation.queues import leases
from include.annotation.queues.item import Item
from include.datasets.clean import WEAK_LABEL_REPORT, weak_label_folder
from include.datasets.export.export import export_dataset
from include.datasets.raw_rows import COLUMNS, RAW_ONLY, UNREADABLE_COLUMNS, UNREADABLE_NAMES, rows
from include.datasets.raw_table import UNREADABLE, _finish
from include.datasets.spark_copy import part
from include.datasets.staging import staging
from include.infra.kafka.admin import Broker
from include.infra.kafka.consume import read_between
from include.infra.postgres.connection import connect
from include.infra.postgres.copy_rows import copy_rows
from include.labelling.error_buckets import as_text, store
from include.posts.text import text_hash
from include.promotion.ledger.scorings import write_scoring
from include.schema.dataset_tables import (
    DEDUPLICATED,
    DEDUPLICATED_COLUMNS,
    RAW_COLUMNS,
    SPLIT,
    SPLIT_COLUMNS,
    VersionTables,
    add_keys,
)
from include.settings import Settings
from include.sources.collect import collect
from include.sources.dump.source import DumpSource
from include.streaming.engine.messages import MESSAGES
from include.streaming.engine.rows import dead_letters
from include.streaming.sinks.base import Batch, Receipt
from include.streaming.sinks.batch_sink import BatchSink
from include.streaming.sinks.postgres import MainDatabase
from include.streaming.state.commits import Reached
from include.streaming.state.lease import Lease
from include.workloads.ai_tweets.cards import cards
from include.workloads.ai_tweets.decoder import decode
from include.workloads.ai_tweets.results import RESULTS, SCHEMA
from tests.support.promotion.scorings import answered, scoring

WORKLOAD = "ai_tweets"


def collect_dump(settings: Settings, version: int, path: Path) -> dict[str, Any]:
    return collect(version, DumpSource(settings, path), settings.as_role("tasks"))


def messages(settings: Settings) -> pa.RecordBatch:
    """All that the posts' topics hold, as tasks get it."""
    found = []
    for topic in (settings.ai_topic, settings.mix_topic):
        ends = Broker(settings).highs([topic])[topic]
        for one in read_between(settings, topic, Broker(settings).lows([topic])[topic], ends):
            when = one.timestamp()[1] * 1000
            found.append((topic, one.partition(), one.offset(), when, one.key(), one.value()))
    columns = list(zip(*found, strict=True)) or [()] * len(MESSAGES)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, MESSAGES, strict=True)]
    return pa.record_batch(arrays, schema=MESSAGES)


def build_version(settings: Settings, version: int) -> None:
    """The raw, deduplicated and train tables, published as the builds publish them."""
    settings = settings.as_role("tasks")
    tables = VersionTables.of(version, settings)
    unreadable: list[tuple[Any, ...]] = []
    with staging(version, settings) as build:
        build.create(tables.raw, RAW_COLUMNS)
        build.create(UNREADABLE, UNREADABLE_COLUMNS)
        with part(settings, build.schema, "0") as connection:
            assert connection is not None
            copied = rows(messages(settings), unreadable)
            copy_rows(connection, tables.raw, (*COLUMNS, *RAW_ONLY), copied)
            copy_rows(connection, UNREADABLE, UNREADABLE_NAMES, unreadable)
        build.publish([tables.raw], lambda connection: _finish(connection, tables.raw))
    _copy_on(settings, version, tables.raw, tables.deduplicated, DEDUPLICATED_COLUMNS, DEDUPLICATED)
    _copy_on(settings, version, tables.deduplicated, tables.split("train"), SPLIT_COLUMNS, SPLIT)


def _copy_on(settings: Settings, version: int, source: str, target: str, columns: str, layout: Any) -> None:
    def fill(connection: Any) -> None:
        names = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
        found = connection.execute(
            sql.SQL("SELECT DISTINCT ON (text) {} FROM {} ORDER BY text, id").format(
                names, sql.Identifier(source)
            )
        ).fetchall()
        text = COLUMNS.index("text")
        hashed = [(*row, text_hash(row[text]), text_hash(row[text])) for row in found]
        copy_rows(connection, target, (*COLUMNS, "text_hash", "near_duplicate_group"), hashed)
        add_keys(connection, target, layout)

    with staging(version, settings) as build:
        build.create(target, columns)
        build.publish([target], fill)


def stream(settings: Settings, batch_id: int) -> dict[str, float]:
    """Every message through the decoder and the sink of ``ai_tweets``; the commit's counts."""
    batch = messages(settings)
    found = decode(batch.column("value"))
    lease = Lease(settings, WORKLOAD)
    with connect(settings) as connection:
        lease.acquire(connection)
    sink = BatchSink(settings, lease, MainDatabase(settings, lease, RESULTS))
    positions = batch.take(found.rows)
    columns = dict(zip(found.inputs.schema.names, found.inputs.columns, strict=True)) | {
        "topic": positions.column("topic"), "kafka_partition": positions.column("partition"),
        "kafka_offset": positions.column("offset"), "arrived_at": positions.column("timestamp"),
        "probability": pa.array([0.9] * len(positions)), "model_version": pa.array([1] * len(positions)),
    }  # fmt: skip
    columns |= cards(columns)
    arrays = [columns[field.name].cast(field.type) for field in SCHEMA]
    dead = dead_letters(batch, found.refused, "parse")
    stage = sink.stage(one := Batch(WORKLOAD, "q", batch_id))
    with stage.writer(1) as writer:
        writer.write(pa.record_batch(arrays, schema=SCHEMA), dead)
    receipt = Receipt(1, {"rows": len(positions), "dead_letters": len(dead)})
    ends = Broker(settings).highs([settings.ai_topic, settings.mix_topic])
    sink.commit(one, stage, [receipt], Reached(ends, {}))
    lease.release()
    with connect(settings) as connection:
        row = connection.execute("SELECT counts FROM stream_commit ORDER BY id DESC LIMIT 1").fetchone()
    assert row is not None
    return row[0]


def label(settings: Settings, version: int, identifier: str, text: str, file: Path) -> None:
    """A label by hand, one from a file, a post that waits and one in hand."""
    hashed = text_hash(text)
    with connect(settings) as connection:
        connection.execute(
            "INSERT INTO labelling_queue (version, queue, text_hash, priority)"
            " VALUES (%s, 'conflict', %s, 1)",
            [version, hashed],
        )
        lease = leases.take(connection, hashed, version, "ann", "conflict")
        assert lease is not None
        item = Item(lease, "ann", version, "conflict", hashed, identifier, text, "en", (), (), False)
        events.record(connection, item, "label", 1)
        leases.take(connection, hashed, version, "bob", "conflict")
    import_labels(file, version, settings)


def report(settings: Settings, version: int, identifier: str, text: str) -> None:
    """Error buckets, what programs said and logged, an export, and a scoring on the post."""
    example = {"id": identifier, "text": text, "probability": 0.1, "for": [], "against": []}
    buckets = [{"golden": 1, "weak": 0, "posts": 1, "examples": [example]}]
    folder = weak_label_folder(version, settings)
    folder.mkdir(parents=True)
    (folder / WEAK_LABEL_REPORT).write_text(as_text(buckets), encoding="utf-8")
    log = settings.logs_dir / "airflow" / "dag_id=label_dataset" / "attempt=1.log"
    log.parent.mkdir(parents=True)
    log.write_text('{"event": "begins"}\n' + json.dumps({"event": as_text(buckets)}) + "\n")
    (settings.logs_dir / "stream.log").write_text(f"begins\nDETAIL: Failing row (x, {text}, 3)\nends\n")
    with connect(settings) as connection:
        store(connection, version, buckets)
        connection.execute(
            "INSERT INTO stream_restart (workload, reason) VALUES ('ai_tweets', %s)", [f"failed on {text}"]
        )
    export_dataset(version, settings.state_dir / "exports" / "mine", ("parquet", "csv", "jsonl"), settings)
    import numpy as np

    judged = scoring(np.array([True]), answered(1, [0.9]), hashes=[text_hash(text)])
    write_scoring(settings, judged)
