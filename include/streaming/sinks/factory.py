"""From a workload's declared sink to the sink itself."""

from __future__ import annotations

from typing import Any

from include.settings import Settings
from include.streaming import workload as declarations
from include.streaming.sinks.base import Sink
from include.streaming.sinks.files import FileSink
from include.streaming.sinks.kafka import KafkaSink
from include.streaming.sinks.postgres import PostgresSink
from include.streaming.state.lease import Lease


def make_sink(workload: declarations.Workload, settings: Settings, lease: Lease) -> Sink[Any]:
    """The sink of a workload's declaration."""
    declared = workload.sink
    if isinstance(declared, declarations.FileSink):
        folder = declared.folder or settings.state_dir.absolute() / "results" / workload.name
        return FileSink(settings, lease, declared.format, folder)
    if isinstance(declared, declarations.KafkaSink):
        return KafkaSink(settings, lease, declared.topic)
    return PostgresSink(settings, lease)
