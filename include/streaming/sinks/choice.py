"""From a workload's declared sink to the sink itself."""

from __future__ import annotations

from typing import Any

from include.settings import Settings
from include.streaming import workloads
from include.streaming.lease import Lease
from include.streaming.sinks.base import Sink
from include.streaming.sinks.files import FileSink
from include.streaming.sinks.kafka import KafkaSink
from include.streaming.sinks.postgres import PostgresSink


def make_sink(workload: workloads.Workload, settings: Settings, lease: Lease) -> Sink[Any]:
    """The sink of a workload's declaration."""
    declared = workload.sink
    if isinstance(declared, workloads.FileSink):
        folder = declared.folder or settings.state_dir.absolute() / "results" / workload.name
        return FileSink(settings, lease, declared.format, folder)
    if isinstance(declared, workloads.KafkaSink):
        return KafkaSink(settings, lease, declared.topic)
    return PostgresSink(settings, lease)
