"""What a stream goes on from is damaged or gone: Spark's checkpoint, and messages not read yet."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from confluent_kafka import TopicPartition

from include.infra.kafka.admin import Broker
from include.infra.kafka.connection import admin_client
from tools.drill.testbed.testbed import DrillTestbed, TooLate

_QUERIES = "SELECT count(DISTINCT query_id) FROM stream_commit WHERE batch_id >= 0"
_LOST = "SELECT coalesce(sum(end_offset - first_offset), 0)::bigint FROM stream_loss WHERE workload = %s"


def checkpoint_deleted(testbed: DrillTestbed, outage: float) -> dict[str, Any]:
    """Spark's checkpoint vanishes under the running query, which is then killed."""
    testbed.until_in_a_batch()
    shutil.rmtree(_checkpoint(testbed), ignore_errors=True)
    before = testbed.ask(_QUERIES)
    killed = testbed.pid(testbed.stream)
    os.kill(killed, signal.SIGKILL)
    testbed.until("a new query", lambda: testbed.ask(_QUERIES) > before)
    return {"queries_before": before}


def _latest(folder: Path, pattern: str) -> Path:
    """The file of the last batch."""
    return max(folder.glob(pattern), key=lambda file: int(file.name.strip(".").split(".")[0]))


def _metadata_cut_short(checkpoint: Path) -> None:
    (checkpoint / "metadata").write_text('{"id":')


def _metadata_gone(checkpoint: Path) -> None:
    (checkpoint / "metadata").unlink()


def _plan_of_zeros(checkpoint: Path) -> None:
    plan = _latest(checkpoint, "offsets/[0-9]*")
    plan.write_bytes(bytes(plan.stat().st_size))


def _checksum_wrong(checkpoint: Path) -> None:
    """Only Spark notices."""
    checksum = _latest(checkpoint, "offsets/.*.crc")
    checksum.write_bytes(checksum.read_bytes()[:-1] + b"?")


def _commits_gone(checkpoint: Path) -> None:
    shutil.rmtree(checkpoint / "commits")


DAMAGES: tuple[Callable[[Path], None], ...] = (
    _metadata_cut_short, _metadata_gone, _plan_of_zeros, _checksum_wrong, _commits_gone,
)  # fmt: skip

MESSAGES_PER_DAMAGE = 20_000


def checkpoint_damaged(testbed: DrillTestbed, outage: float) -> dict[str, Any]:
    """The stream is killed, its checkpoint damaged and the stream started, in each of several ways."""
    testbed.until_in_a_batch()
    old = _checkpoint(testbed).with_name("of-long-ago")
    shutil.copytree(_checkpoint(testbed), old)

    def restored(checkpoint: Path) -> None:
        """As from a backup."""
        shutil.rmtree(checkpoint)
        old.rename(checkpoint)

    for damage in (*DAMAGES, restored):
        _damage(testbed, damage)
    return {"ways": len(DAMAGES) + 1}


def _damage(testbed: DrillTestbed, damage: Callable[[Path], None]) -> None:
    testbed.input.send(MESSAGES_PER_DAMAGE)  # something to be at work on, where the load is over already
    testbed.until_in_a_batch()
    os.kill(testbed.pid(testbed.stream), signal.SIGKILL)
    testbed.stop(testbed.stream)
    before = testbed.ask(_QUERIES)
    damage(_checkpoint(testbed))
    testbed.input.send(MESSAGES_PER_DAMAGE)
    testbed.start(testbed.stream)
    testbed.until(f"a new query after {damage.__name__}", lambda: testbed.ask(_QUERIES) > before)


def retention_passed(testbed: DrillTestbed, outage: float) -> dict[str, Any]:
    """While the stream is down, Kafka deletes what it has not read; what comes afterwards is processed."""
    testbed.until_in_a_batch()
    testbed.stop(testbed.stream)
    testbed.input.send(1_000)
    testbed.input.flush()
    before = testbed.ask(_LOST, testbed.subject.name)
    topics = testbed.subject.workload.topics(testbed.settings)
    ends = Broker(testbed.settings).highs(topics)
    places = [TopicPartition(topic, p, end) for topic, parts in ends.items() for p, end in parts.items()]
    admin = admin_client(testbed.settings)
    for deleted in admin.delete_records(places).values():
        deleted.result(60)
    testbed.start(testbed.stream)
    testbed.input.send(1_000)
    testbed.until_done()
    lost = testbed.ask(_LOST, testbed.subject.name) - before
    if not lost:
        raise TooLate("nothing was deleted unread")
    return {"lost": lost}


def _checkpoint(testbed: DrillTestbed) -> Path:
    return testbed.subject.workload.checkpoint_dir(testbed.settings)
