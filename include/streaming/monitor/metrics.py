"""The stream's readings as Prometheus metrics."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge

from include.streaming.monitor.snapshot import Reading

PLAIN = {
    "up": "1 where the stream gave a sign of life lately.",
    "wanted": "1 where the workload is to run.",
    "lag_messages": "Messages in Kafka that are not classified yet.",
    "posts_per_minute": "Posts committed within the last minute.",
    "dead_letter_ratio": "Share of the last five minutes' messages that became dead letters.",
    "heartbeat_age_seconds": "Seconds since the stream's last sign of life.",
    "commit_age_seconds": "Seconds since the last committed batch.",
    "stuck_seconds": "Seconds since posts wait and none was committed.",
    "input_rate": "Messages per second that came in, of the last batch.",
    "process_rate": "Messages per second that the last batch got through.",
    "batch_messages": "Messages of the last batch.",
    "score_seconds": "Seconds that the last batch's tasks spent with the model, together.",
    "score_seconds_per_message": "The same, per message: the model's latency in batches.",
    "model_version": "Version of the model that answered last.",
}


class Metrics:
    """Gauges of every workload, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._plain = {name: self._gauge(name, text, "workload") for name, text in PLAIN.items()}
        self._partitions = self._gauge(
            "partition_lag_messages", "The lag by partition.", "workload", "topic", "partition"
        )
        self._stages = self._gauge(
            "batch_stage_seconds", "Seconds of the last batch by stage.", "workload", "stage"
        )
        self._incidents = self._gauge("incidents_open", "Troubles now, by kind.", "workload", "kind")
        self._undelivered = Counter(
            "tweetsieve_alerts_undelivered", "Alerts that a channel did not take.", ["channel"],
            registry=self.registry,
        )  # fmt: skip
        self.database_up = Gauge(
            "tweetsieve_database_up", "1 where the database answers.", registry=self.registry
        )

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"tweetsieve_stream_{name}", text, labels, registry=self.registry)

    def show(self, reading: Reading, silence_limit: float) -> None:
        """The workload's metrics are those of the reading from now on."""
        for name, value in _values(reading, silence_limit).items():
            self._plain[name].labels(reading.workload).set(float("nan") if value is None else value)
        for topic, parts in reading.lag_by_partition.items():
            for partition, count in parts.items():
                self._partitions.labels(reading.workload, topic, str(partition)).set(count)
        for stage, milliseconds in reading.durations_ms.items():
            self._stages.labels(reading.workload, stage).set(milliseconds / 1000)

    def show_incidents(self, open_by_kind: Mapping[tuple[str, str], int]) -> None:
        self._incidents.clear()
        for (workload, kind), count in open_by_kind.items():
            self._incidents.labels(workload, kind).set(count)

    def undelivered(self, channel: str) -> None:
        self._undelivered.labels(channel).inc()


def _values(reading: Reading, silence_limit: float) -> dict[str, float | None]:
    per_message = None
    if reading.score_seconds is not None and reading.batch_posts:
        per_message = reading.score_seconds / reading.batch_posts
    return {
        "up": float(reading.silence is not None and reading.silence <= silence_limit),
        "wanted": float(reading.wanted),
        "lag_messages": reading.lag,
        "posts_per_minute": reading.posts_per_minute,
        "dead_letter_ratio": reading.dead_letter_rate,
        "heartbeat_age_seconds": reading.silence,
        "commit_age_seconds": reading.since_commit,
        "stuck_seconds": reading.stuck,
        "input_rate": reading.input_rate,
        "process_rate": reading.process_rate,
        "batch_messages": reading.batch_posts,
        "score_seconds": reading.score_seconds,
        "score_seconds_per_message": per_message,
        "model_version": reading.model_version,
    }
