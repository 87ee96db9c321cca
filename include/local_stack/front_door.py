"""Where a person goes once the stack is up: the addresses, and how to log in."""

from __future__ import annotations

import os
from pathlib import Path

from include.local_stack.airflow import server as airflow
from include.settings import Settings


def lines(settings: Settings) -> list[str]:
    """What ``make up``, ``make status`` and ``make demo`` end with; never the password itself."""
    web = f"http://{settings.host}"
    return [
        f"Airflow    {airflow.url(settings)}   log in as {airflow.ADMIN}; the password is in "
        f"{_shown(airflow.passwords_file(settings))}",
        f"Tagger     {web}:{settings.tagger_port}",
        f"Dashboard  {web}:{settings.dashboard_port}",
        f"Metrics    {web}:{settings.monitor_port}/metrics",
        "What runs: make status.  Logs: make logs.  Stop, keeping all data: make down",
    ]


def _shown(path: Path) -> str:
    """Relative to where the person is, where that is shorter."""
    return min(str(path), os.path.relpath(path), key=len)
