"""What the monitor says of the machine itself: a disk is nearly full."""

from __future__ import annotations

from collections.abc import Sequence

from include.infra.disk import DiskSpace, advice, shortage
from include.settings import Settings
from include.streaming.monitor.alerts import Alert

MACHINE = "this machine"
"""Whose incidents these are, in place of a workload; no workload can have a name with a space."""


def disk_alerts(disks: Sequence[DiskSpace], settings: Settings) -> list[Alert]:
    """An alert for each disk that is nearly full."""
    short = [(space, text) for space in disks if (text := shortage(space, settings))]
    return [
        Alert("disk nearly full", str(space.folder), f"{text}: {advice(settings)}") for space, text in short
    ]
