"""Export a dataset version's tables as files, with a manifest of row counts and content hashes.

**When to run it.** On demand.

**What it leaves.** One file per table and format below `exports/<version>/` of the state folder, or in
`folder`, which lies in that folder `exports` or in one of `TWEETSIEVE_EXPORT_FOLDERS`; complete or not there
at all. Posts are other people's words: keep such files private.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import task
from dataset_version import VERSION
from form_params import choice_param, folder_of, path_param
from versioned_dag import fails_at_once, versioned_dag

with versioned_dag(
    "export_dataset",
    __doc__,
    params={
        "format": choice_param("parquet", ["parquet", "jsonl", "csv"], "Format of the files."),
        "folder": path_param("Where to; none: the state folder."),
    },
) as dag:

    @task
    @fails_at_once
    def export(version: str, params: Any = None) -> str:
        """Write the files; returns the folder."""
        from include.datasets.export.export import export_version

        return export_version(version, params["format"], folder_of(params["folder"], "folder"))

    export(VERSION)
