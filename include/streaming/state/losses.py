"""The table ``stream_loss``: messages that Kafka's retention deleted before they were read."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping

import psycopg

from include.infra.kafka.offsets import Spans
from include.streaming.state.commits import Reached, write_commit

LOST_BATCH = -1
"""The number of the commit that passes over lost messages; it is no batch of any query."""

log = logging.getLogger(__name__)


def pass_over(
    connection: psycopg.Connection, workload: str, lost: Mapping[str, Spans], ends: Reached
) -> None:
    """Write down what is lost, and move the committed positions past it, in the caller's transaction.

    Args:
        lost: per topic and partition the first lost position, and the first one that is left.
        ends: the positions to go on from.
    """
    if not lost:
        return
    for topic, parts in lost.items():
        for partition, (first, end) in parts.items():
            connection.execute(
                "INSERT INTO stream_loss (workload, topic, kafka_partition, first_offset, end_offset)"
                " VALUES (%s, %s, %s, %s, %s)",
                [workload, topic, partition, first, end],
            )
            log.error(
                "%d messages of %s[%d] are lost, from position %d to before %d: Kafka's retention deleted"
                " them before they were read",
                end - first, topic, partition, first, end,
            )  # fmt: skip
    write_commit(connection, workload, f"lost-{uuid.uuid4()}", LOST_BATCH, ends)
