"""What a Spark task does with its share of a batch: parse, score, write, and say what it wrote."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from include.infra.kafka.offsets import Positions, ends_of, merge
from include.posts.links import domain_of_canonical
from include.serving.canary_window import CanaryWindow
from include.settings import Settings
from include.streaming.python_workers import keep_archives_read
from include.streaming.scorers.base import Scorer, Scores
from include.streaming.scorers.canary import with_canary
from include.streaming.scorers.factory import worker_scorer
from include.streaming.sinks.base import DEAD, RESULT, Receipt, Stage
from include.streaming.workload import ScorerChoice
from include.workloads.ai_tweets.decoder import Columns, parse_messages

RECEIPT_SCHEMA = "receipt string"
_TIME = pa.timestamp("us", "UTC")
MESSAGE_COLUMNS = ("topic", "partition", "offset", "timestamp", "key", "value")


@dataclass(frozen=True)
class ClassifyTask:
    """A function for ``mapInArrow``: batches of MESSAGE_COLUMNS in, one receipt out.

    ``committed``: messages before these positions are in the sink and are passed over. ``canary``: the model
    version that answers a share of the posts, while promotion tries it.
    """

    settings: Settings
    scorer: ScorerChoice
    stage: Stage
    committed: Positions = field(default_factory=dict)
    canary: CanaryWindow | None = None

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from pyspark import TaskContext

        keep_archives_read()
        context = TaskContext.get()
        receipt = Receipt(context.taskAttemptId() if context else 0)
        stable = worker_scorer(self.scorer, self.settings)
        scorer = with_canary(stable, self.scorer, self.settings, self.canary)
        with self.stage.writer(receipt.attempt) as writer:
            for batch in batches:
                new = pass_over(batch, self.committed)
                results, dead = classify(new, scorer, receipt)
                writer.write(results, dead)
                receipt.posts += results.num_rows
                receipt.dead_letters += dead.num_rows
                receipt.ends = merge(receipt.ends, ends(batch))
        yield pa.record_batch({"receipt": [receipt.to_json()]})


def classify(
    batch: pa.RecordBatch, scorer: Scorer, receipt: Receipt
) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Classified posts (RESULT) and dead letters (DEAD) of a batch: together, each message once."""
    parsed = parse_messages(batch.column("value").to_pylist())
    columns = parsed.columns()
    started = time.perf_counter()
    scores = scorer.score(columns.text, columns.id) if parsed.posts else Scores.joined([])
    receipt.score_seconds += time.perf_counter() - started
    if len(scores.model_versions):
        receipt.model_version = int(scores.model_versions[-1]) or receipt.model_version
    refused = {parsed.rows[index]: reason for index, reason in scores.refused.items()}
    dead = pa.concat_batches(
        [dead_letters(batch, parsed.refused, "parse"), dead_letters(batch, refused, "score")]
    )
    return results(batch, parsed.rows, columns, scores), dead


def results(batch: pa.RecordBatch, rows: list[int], posts: Columns, scores: Scores) -> pa.RecordBatch:
    """The posts that were scored. Positions and times of arrival never become Python objects."""
    places = pa.array(rows, pa.int64())
    links = list(chain.from_iterable(posts.links))
    columns = {
        **_place(batch, places),
        "id": posts.id,
        "created_at": pa.array(posts.created_at, pa.int64()).view(_TIME),
        "lang": posts.lang,
        "text": posts.text,
        "links": _lists(posts.links, links),
        "domains": _lists(posts.links, map(domain_of_canonical, links)),
        "hashtags": _lists(posts.hashtags, chain.from_iterable(posts.hashtags)),
        "probability": scores.probabilities,
        "model_version": scores.model_versions,
        "arrived_at": batch.column("timestamp").take(places),
    }
    found = _batch(columns, RESULT)
    if not scores.refused:
        return found
    return found.take(pa.array(np.delete(np.arange(len(rows)), list(scores.refused))))


def dead_letters(batch: pa.RecordBatch, refused: dict[int, str], stage: str) -> pa.RecordBatch:
    """The refused rows of a batch, with their raw bytes."""
    rows = pa.array(list(refused), pa.int64())
    columns = {
        **_place(batch, rows),
        "stage": [stage] * len(refused),
        "reason": list(refused.values()),
        "key": batch.column("key").take(rows),
        "value": batch.column("value").take(rows),
    }
    return _batch(columns, DEAD)


def pass_over(batch: pa.RecordBatch, committed: Positions) -> pa.RecordBatch:
    """Without the messages before the committed positions."""
    for topic, partitions in committed.items():
        for partition, position in partitions.items():
            of_partition = pc.and_(
                pc.equal(batch.column("topic"), topic), pc.equal(batch.column("partition"), partition)
            )
            old = pc.and_(of_partition, pc.less(batch.column("offset"), position))
            if pc.any(old).as_py():
                batch = batch.filter(pc.invert(old))
    return batch


def ends(batch: pa.RecordBatch) -> Positions:
    """The positions behind the last message of each partition in the batch."""
    table = pa.Table.from_batches([batch.select(["topic", "partition", "offset"])])
    last = table.group_by(["topic", "partition"]).aggregate([("offset", "max")])
    return ends_of(
        zip(*(last.column(name).to_pylist() for name in ("topic", "partition", "offset_max")), strict=True)
    )


def _place(batch: pa.RecordBatch, rows: pa.Array) -> dict[str, pa.Array]:
    names = {"topic": "topic", "partition": "kafka_partition", "offset": "kafka_offset"}
    return {name: batch.column(column).take(rows) for column, name in names.items()}


def _lists(lengths: Sequence[Sized], values: Iterable[str]) -> pa.Array:
    """Lists as long as the given ones. Arrow takes three times as long over tuples of tuples."""
    ends = np.cumsum(np.fromiter(map(len, lengths), np.int32, len(lengths)), dtype=np.int32)
    return pa.ListArray.from_arrays(np.append(np.int32(0), ends), pa.array(list(values), pa.string()))


def _batch(columns: dict[str, object], schema: pa.Schema) -> pa.RecordBatch:
    arrays = [
        column.cast(field.type) if isinstance(column, pa.Array) else pa.array(column, field.type)
        for field, column in ((field, columns[field.name]) for field in schema)
    ]
    return pa.record_batch(arrays, schema=schema)
