"""The snapshots of the streams as Prometheus metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Info

from include.infra.disk import DiskSpace
from include.streaming.monitor.snapshot import StreamSnapshot

PLAIN = {
    "up": "1 where the stream gave a sign of life lately.",
    "wanted": "1 where the workload is to run.",
    "lag_messages": "Messages in Kafka that are not classified yet.",
    "lost_messages": "Messages that Kafka deleted before they were read, since the beginning.",
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
    "model_version": "Version of the model that answered last, where it is a number.",
}


class Metrics:
    """Gauges of every workload, in one registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._plain = {name: self._gauge(name, text, "workload") for name, text in PLAIN.items()}
        self._partitions = self._gauge(
            "partition_lag_messages", "The lag by partition.", "workload", "topic", "partition"
        )
        self._stages = self._gauge(
            "batch_stage_seconds", "Seconds of the last batch by stage.", "workload", "stage"
        )
        self._counts = self._gauge(
            "batch_count", "The workload's own counts of the last batch.", "workload", "count"
        )
        self._model = Info(
            "tweetsieve_stream_model", "The model that answered last.", ["workload"], registry=self.registry
        )
        self._incidents = self._gauge(
            "incidents_open", "Incidents that are open, by kind.", "workload", "kind"
        )
        self._undelivered = Counter(
            "tweetsieve_alerts_undelivered", "Alerts that a channel did not take.", ["channel"],
            registry=self.registry,
        )  # fmt: skip
        self._disk_free, self._disk_total = (
            Gauge(f"tweetsieve_disk_{name}_bytes", text, ["folder"], registry=self.registry)
            for name, text in (
                ("free", "Bytes that can still be written to the folder's disk."),
                ("total", "Bytes of the folder's disk."),
            )
        )
        self.database_up = Gauge(
            "tweetsieve_database_up", "1 where the database answers.", registry=self.registry
        )

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"tweetsieve_stream_{name}", text, labels, registry=self.registry)

    def show(self, snapshot: StreamSnapshot, silence_limit: float) -> None:
        """Set the workload's metrics to those of the snapshot."""
        for name, value in _values(snapshot, silence_limit).items():
            self._plain[name].labels(snapshot.workload).set(float("nan") if value is None else value)
        for topic, parts in snapshot.lag_by_partition.items():
            for partition, messages in parts.items():
                self._partitions.labels(snapshot.workload, topic, str(partition)).set(messages)
        for stage, milliseconds in snapshot.durations_ms.items():
            self._stages.labels(snapshot.workload, stage).set(milliseconds / 1000)
        for name, count in snapshot.counts.items():
            self._counts.labels(snapshot.workload, name).set(count)
        if snapshot.model_version is not None:
            self._model.labels(snapshot.workload).info({"version": str(snapshot.model_version)})

    def show_disks(self, disks: Iterable[DiskSpace]) -> None:
        for space in disks:
            self._disk_free.labels(str(space.folder)).set(space.free)
            self._disk_total.labels(str(space.folder)).set(space.total)

    def show_incidents(self, open_by_kind: Mapping[tuple[str, str], int]) -> None:
        self._incidents.clear()
        for (workload, kind), count in open_by_kind.items():
            self._incidents.labels(workload, kind).set(count)

    def undelivered(self, channel: str) -> None:
        self._undelivered.labels(channel).inc()


def _values(snapshot: StreamSnapshot, silence_limit: float) -> dict[str, float | None]:
    per_message = None
    if snapshot.score_seconds is not None and snapshot.batch_posts:
        per_message = snapshot.score_seconds / snapshot.batch_posts
    return {
        "up": float(snapshot.silence is not None and snapshot.silence <= silence_limit),
        "wanted": float(snapshot.wanted),
        "lag_messages": snapshot.lag,
        "lost_messages": snapshot.lost,
        "posts_per_minute": snapshot.posts_per_minute,
        "dead_letter_ratio": snapshot.dead_letter_rate,
        "heartbeat_age_seconds": snapshot.silence,
        "commit_age_seconds": snapshot.since_commit,
        "stuck_seconds": snapshot.stuck,
        "input_rate": snapshot.input_rate,
        "process_rate": snapshot.process_rate,
        "batch_messages": snapshot.batch_posts,
        "score_seconds": snapshot.score_seconds,
        "score_seconds_per_message": per_message,
        "model_version": snapshot.model_version if isinstance(snapshot.model_version, int) else None,
    }
