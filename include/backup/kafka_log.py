"""Kafka after a restore: topics without messages, that go on numbering where the old ones ended.

Messages are in no backup. Rows are keyed by their position in Kafka, so a topic that began again at 0 would
have new messages taken for old ones. Kafka can't be asked to begin elsewhere, but reads where a partition
begins from the name of its first segment (https://kafka.apache.org/41/implementation/log/): with the broker
stopped, the empty segment of a new partition is renamed.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import psycopg
from confluent_kafka import KafkaException
from confluent_kafka.admin import NewTopic
from psycopg.types.json import Jsonb

from include.infra.errors import StackError
from include.infra.kafka.admin import Broker, BrokerRefuses, BrokerUnavailable
from include.infra.kafka.connection import admin_client
from include.infra.kafka.offsets import Positions, from_json, merge
from include.infra.processes.service import running
from include.local_stack import kafka
from include.settings import Settings

CHECKPOINTS = (
    "recovery-point-offset-checkpoint",
    "log-start-offset-checkpoint",
    "replication-offset-checkpoint",
)
"""Where a broker notes positions of its partitions: a version, the number of lines, then a line for each."""

ANSWER_SECONDS = 10.0

_LATEST = "SELECT DISTINCT ON (workload) end_offsets FROM stream_commit ORDER BY workload, id DESC"
_COLLECTED = "SELECT end_offsets FROM collection"
_LEARN = """
UPDATE stream_commit SET topic_ids = topic_ids || (
    SELECT coalesce(jsonb_object_agg(key, %(ids)s -> key), '{}') FROM jsonb_object_keys(end_offsets) AS key
    WHERE %(ids)s ? key
)
WHERE id IN (SELECT max(id) FROM stream_commit GROUP BY workload)
"""


def positions_used(connection: psycopg.Connection) -> Positions:
    """The next position of each partition, as far as the database knows: committed, or collected."""
    rows = connection.execute(f"{_COLLECTED} UNION ALL ({_LATEST})").fetchall()
    return merge(*(from_json(offsets) for (offsets,) in rows))


def ends_now(settings: Settings, topics: Iterable[str]) -> Positions | None:
    """Where the topics' partitions end; None where Kafka gives no answer.

    Raises:
        BrokerRefuses: it does, and refuses us.
    """
    wanted = sorted({*topics, settings.ai_topic, settings.mix_topic})
    try:
        ends = Broker(settings, ANSWER_SECONDS).highs(wanted)
    except BrokerRefuses:  # a backup without positions would be a loss that nobody notices
        raise
    except BrokerUnavailable:
        return None
    return {topic: parts for topic, parts in ends.items() if parts}


def continue_topics(settings: Settings, begins: Positions, connection: psycopg.Connection) -> None:
    """Make the topics in a new embedded broker, beginning at these positions, and note their new ids.

    The streams then go on from what they committed; what lies between that and the beginning was waiting in
    the old Kafka, and is counted as lost when a stream starts.

    Raises:
        StackError: the broker does not start, or holds messages already.
    """
    if not begins:
        return
    with running(kafka.service(settings), settings.logs_dir):
        _create(settings, begins)
        ids = Broker(settings).topic_ids(list(begins))
    folder = kafka.data_dir(settings) / "data"
    for topic, parts in begins.items():
        for partition, begin in parts.items():
            _begin_at(folder / f"{topic}-{partition}", begin)
    for name in CHECKPOINTS:
        _note(folder / name, begins)
    connection.execute(_LEARN, {"ids": Jsonb(ids)})


def _create(settings: Settings, begins: Positions) -> None:
    admin = admin_client(settings)
    new = [NewTopic(topic, max(parts) + 1, 1) for topic, parts in begins.items()]
    try:
        for created in admin.create_topics(new).values():
            created.result(60)
    except KafkaException as problem:
        raise StackError(f"Kafka did not make the topics again: {problem.args[0].str()}") from problem
    Broker(settings).create_missing(list(begins))  # returns when the broker knows them


def _begin_at(partition: Path, begin: int) -> None:
    """Let an empty partition of a stopped broker begin at a position."""
    first = partition / f"{0:020d}.log"
    if not first.is_file() or first.stat().st_size:
        raise StackError(f"{partition} is no new partition of Kafka")
    for other in partition.glob(f"{0:020d}.*"):
        if other != first:
            other.unlink()  # an index, which the broker makes again
    first.rename(partition / f"{begin:020d}.log")


def _note(checkpoint: Path, begins: Positions) -> None:
    known = checkpoint.read_text(encoding="ascii").splitlines()[2:] if checkpoint.exists() else []
    kept = [line for line in known if line.split()[0] not in begins]
    lines = kept + [f"{topic} {p} {begin}" for topic, parts in begins.items() for p, begin in parts.items()]
    checkpoint.write_text("\n".join(["0", str(len(lines)), *lines, ""]), encoding="ascii")
