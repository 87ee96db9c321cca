"""When the machine's disks raise an alert."""

from __future__ import annotations

from pathlib import Path

from include.infra.disk import GB, DiskSpace
from include.settings import Settings
from include.streaming.monitor.machine import disk_alerts


def test_each_disk_that_is_nearly_full_is_an_alert_with_what_to_do() -> None:
    spaces = [DiskSpace(Path(f"/{free}"), 100 * GB, free * GB) for free in (80, 4, 1)]
    found = disk_alerts(spaces, Settings(_env_file=None))
    assert [(alert.kind, alert.subject) for alert in found] == [
        ("disk nearly full", "/4"),
        ("disk nearly full", "/1"),
    ]
    assert "only 4.0 of 100 GB free (4%) at /4: when it is full" in found[0].message
    assert "clean_dataset" in found[0].message
