"""Kafka messages as Arrow batches, as every task gets them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from include.infra.kafka.offsets import Positions

MESSAGES = pa.schema(
    [
        pa.field("topic", pa.string()),
        pa.field("partition", pa.int32()),
        pa.field("offset", pa.int64()),
        pa.field("timestamp", pa.timestamp("us", "UTC")),
        pa.field("key", pa.binary()),
        pa.field("value", pa.binary()),
    ]
)
"""A message; ``timestamp`` is the Kafka record's."""

MESSAGE_COLUMNS = tuple(MESSAGES.names)

POSITION_COLUMNS = {"topic": "topic", "kafka_partition": "partition", "kafka_offset": "offset"}
"""A result's position by the messages' columns."""


def pass_over(batch: pa.RecordBatch, committed: Positions) -> pa.RecordBatch:
    """The batch (with the position's columns of MESSAGES) without the messages before these positions."""
    for topic, partitions in committed.items():
        for partition, position in partitions.items():
            of_partition = pc.and_(
                pc.equal(batch.column("topic"), topic), pc.equal(batch.column("partition"), partition)
            )
            old = pc.and_(of_partition, pc.less(batch.column("offset"), position))
            if pc.any(old).as_py():
                batch = batch.filter(pc.invert(old))
    return batch
