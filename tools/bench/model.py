"""The models that are measured: one trained by the project, and a small one that stays the same."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg

from include.infra.postgres.connection import connect
from include.infra.postgres.copy_rows import copy_rows
from include.model.registry.store import ModelStore
from include.posts.text import text_hash
from include.promotion.targets.local.target import LocalTarget
from include.schema.dataset_tables import POST_COLUMNS, VersionTables, create_deduplicated, create_split
from include.serving.config import STABLE, ModelConfig, config_file, write_config
from include.settings import Settings
from include.sources.synthetic.source import SyntheticSource

VERSION = 1
TRAINED_ON = 900
_WHEN = datetime(2026, 1, 1, tzinfo=UTC)
REFERENCE_BUCKETS, REFERENCE_WIDTH = 20_000, 32


def serve(settings: Settings, folder: Path) -> None:
    """Put a model into the store and into service, without a gate."""
    store = ModelStore(settings)
    shutil.copytree(folder, store.folder / str(VERSION))
    base = settings.serving_dir.resolve() / settings.model_name
    base.mkdir(parents=True)
    LocalTarget(settings).publish(VERSION, store.path(VERSION))
    config = ModelConfig(settings.model_name, str(base), (VERSION,), {STABLE: VERSION})
    write_config(config_file(settings), [config])


def write_reference(folder: Path) -> None:
    """A bag of embedded words behind one dense layer, strings in, probabilities out; weights are random.

    What the pipeline costs beside a model shows with one that never changes.
    """
    import tensorflow as tf

    draw = tf.random.Generator.from_seed(1)

    class Reference(tf.Module):
        def __init__(self) -> None:
            self.table = tf.Variable(draw.normal([REFERENCE_BUCKETS, REFERENCE_WIDTH]))
            self.dense = tf.Variable(draw.normal([REFERENCE_WIDTH, 1]))

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
        def serve(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
            words = tf.strings.split(tf.strings.regex_replace(tf.strings.lower(text), r"[[:punct:]]+", " "))
            buckets = tf.strings.to_hash_bucket_fast(words.flat_values, REFERENCE_BUCKETS)
            rows = words.value_rowids()
            count = tf.shape(text, out_type=tf.int64)[0]
            means = tf.math.unsorted_segment_mean(tf.gather(self.table, buckets), rows, count)
            versions = tf.fill([count], tf.constant(VERSION, tf.int64))
            return {"ai_prob": tf.sigmoid(means @ self.dense)[:, 0], "model_version": versions}

    model = Reference()
    tf.saved_model.save(model, str(folder), signatures=model.serve)


def train(settings: Settings, folder: Path, posts: int = 12_000) -> None:
    """A model as the project trains it, on made-up posts with their true labels."""
    from include.model.train import train_classifier

    with connect(settings) as connection:
        _fill(connection, settings, posts)
    version = train_classifier(TRAINED_ON, settings, epochs=3)
    shutil.copytree(ModelStore(settings).path(version), folder)
    shutil.rmtree(ModelStore(settings).folder)


def _fill(connection: psycopg.Connection, settings: Settings, posts: int) -> None:
    """The tables of a labelled version, a tenth of the posts for test and a twentieth for dev."""
    tables = VersionTables.of(TRAINED_ON, settings)
    create_deduplicated(connection, tables.deduplicated)
    for table in tables.splits.values():
        create_split(connection, table)
    found = {
        text_hash(w.draft.text): w for w in islice(SyntheticSource(settings, posts=None).written(), posts)
    }
    names = [column.split()[0] for column in POST_COLUMNS.strip().splitlines()]
    names += ["text_hash", "near_duplicate_group", "weak_label", "weak_probability"]
    rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in tables.splits.values()}
    for number, (hashed, written) in enumerate(found.items()):
        part = {0: "test", 1: "test", 2: "dev", 3: "snorkel_train"}.get(number % 20, "train")
        row: tuple[Any, ...] = (
            "t",
            0,
            number,
            written.draft.id,
            None,
            None,
            "plain",
            "en",
            written.draft.text,
            [],
            [],
            [],
            [],
        )
        soft = (written.label, 0.95 if written.label else 0.05)
        rows[tables.split(part)].append((*row, False, _WHEN, hashed, hashed, *soft))
    for table, chosen in rows.items():
        copy_rows(connection, table, names, chosen)
        copy_rows(connection, tables.deduplicated, names[:-2], [row[:-2] for row in chosen])
