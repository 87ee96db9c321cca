"""The table ``stream_progress``: the stream's heartbeat, its rates, its lag, and what it waits for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg

from include.infra.kafka.offsets import Positions, behind, from_json, total


@dataclass
class Progress:
    """One row.

    Attributes:
        posts: messages of the batch.
        input_rate, process_rate: messages per second that came in, and that a batch got through.
        lag: messages in Kafka that are not in the sink yet; None where it can't be told.
        durations_ms: milliseconds by stage of the batch, in Spark's words.
        status: 'running', or what the stream waits for.
        details: dead letters and their share, seconds with the model and milliseconds per post of them,
            model version, lag by partition.
    """

    workload: str
    query_id: str
    run_id: str
    batch_id: int
    posts: int = 0
    input_rate: float | None = None
    process_rate: float | None = None
    lag: int | None = None
    durations_ms: dict[str, int] = field(default_factory=dict)
    status: str = "running"
    details: dict[str, Any] = field(default_factory=dict)

    def write(self, connection: psycopg.Connection) -> None:
        """Append the row."""
        connection.execute(
            "INSERT INTO stream_progress (workload, query_id, run_id, batch_id, posts, input_rate,"
            " process_rate, lag, durations_ms, status, details)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                self.workload, self.query_id, self.run_id, self.batch_id, self.posts, self.input_rate,
                self.process_rate, self.lag, json.dumps(self.durations_ms), self.status,
                json.dumps(self.details),
            ],
        )  # fmt: skip


def from_spark(workload: str, spark_json: str | Mapping[str, Any], details: dict[str, Any]) -> Progress:
    """A row from Spark's progress of one batch (``StreamingQueryProgress.json``)."""
    progress = json.loads(spark_json) if isinstance(spark_json, str) else spark_json
    lag, posts = _lag(progress.get("sources", [])), int(progress.get("numInputRows", 0))
    return Progress(
        workload,
        progress["id"],
        progress["runId"],
        int(progress["batchId"]),
        posts=posts,
        input_rate=_rate(progress.get("inputRowsPerSecond")),
        process_rate=_rate(progress.get("processedRowsPerSecond")),
        lag=None if lag is None else total(lag),
        durations_ms=progress.get("durationMs", {}),
        details={**details, **_per_post(details, posts), "lag": lag},
    )


def _per_post(details: Mapping[str, Any], posts: int) -> dict[str, float]:
    """The batch's share of dead letters and its model's milliseconds per post.

    >>> _per_post({"dead_letters": 1, "score_seconds": 0.5}, 100)
    {'dead_letter_rate': 0.01, 'score_ms_per_post': 5.0}
    """
    if not posts or not {"dead_letters", "score_seconds"} <= details.keys():
        return {}
    return {
        "dead_letter_rate": round(details["dead_letters"] / posts, 6),
        "score_ms_per_post": round(1000 * details["score_seconds"] / posts, 6),
    }


def _lag(sources: list[Mapping[str, Any]]) -> Positions | None:
    """Per partition; None where Spark does not say where the topics end, as with "available now"."""
    lag: Positions = {}
    for source in sources:
        if not source.get("endOffset") or not source.get("latestOffset"):
            return None
        lag |= behind(from_json(source["endOffset"]), from_json(source["latestOffset"]))
    return lag


def _rate(value: Any) -> float | None:
    """Spark says NaN or infinity where it has nothing to divide by."""
    try:
        rate = float(value)
    except (TypeError, ValueError):
        return None
    return rate if 0 <= rate < float("inf") else None
