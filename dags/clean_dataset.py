"""Remove a dataset version: its tables, files, queues, reports, dead letters and record of collection.

**When to run it.** On demand, to make room or to collect the version again. It is a **dry run unless
`dry_run` is switched off**: the log then lists what would go.

**What it never touches.** People's labels (`label_event`), models, the promotion ledger, classified
posts, and the posts in Kafka.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param, task
from dataset_version import VERSION
from versioned_dag import fails_at_once, versioned_dag

with versioned_dag(
    "clean_dataset",
    __doc__,
    params={"dry_run": Param(True, type="boolean", description="Only say what would be removed.")},
) as dag:

    @task
    @fails_at_once
    def clean(version: str, params: Any = None) -> list[str]:
        """Remove, or list, what the version left; returns the names."""
        from include.datasets.clean import clean_version

        return clean_version(version, dry_run=params["dry_run"])

    clean(VERSION)
