"""Collect posts for a dataset version: a source -> Kafka -> `raw_tweet_dataset_<version>`.

**When to run it.** First, for each new version. `build_dataset`, `label_dataset` and
`train_classifier` follow by themselves for the same version, whichever way it was given: the Param
`version` (the form, REST, the command line), a partition key (REST: `"partition_key": "3"`), or a
backfill (`make backfill`).

**Sources** (`source`):

| source | what | needs |
|---|---|---|
| `synthetic` | seeded, believable posts | nothing |
| `dump` | JSONL (X API v1.1, v2, pages, or `id_str`/`text` rows), CSV, parquet; gz, bz2, zst | `path` |
| `x` | X's filtered stream | `TWEETSIEVE_X_BEARER_TOKEN` |
| `replay` | the same client, against the local replay server | the replay server running |

**What it leaves.** A row in `collection` with the Kafka positions the version is made of, and
the raw table: at most `posts`, half from each topic. A version is immutable once collected: a rerun with
the same input writes the same table, another input is refused (`clean_dataset` makes room).
A dump with a bad line is refused whole, and its lines told; a sound line that carries no post, or that can't
be parsed, becomes a `dead_letter`.

**Golden labels** (`golden`): a file of `id_str`,`label` for posts of this version, taken into
`label_event`; bad rows are reported with their lines and nothing is taken. The file's `annotator` says whose
labels they are, and who started the run is recorded with each. Rows of adjudicated posts are skipped. An
import can be undone as a whole (`python -m include.annotation.labels.transfer undo ID`).

**Paths** are of files below `inputs/` of the state folder, or below the folders of
`TWEETSIEVE_INPUT_FOLDERS`; a relative one is looked for there. Any other is refused, and so is a link that
leads out of them. They may be URLs of an object store (`s3://...`) whose fsspec package is installed.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import task
from dataset_version import VERSION
from form_params import choice_param, input_of, integer_param, path_param
from spark_application import SparkApplication
from started_by import started_by
from version_of_run import publishes
from versioned_dag import RAW_TWEETS, fails_at_once, versioned_dag

with versioned_dag(
    "collect_tweets",
    __doc__,
    params={
        "source": choice_param("synthetic", ["synthetic", "dump", "x", "replay"], "Where from."),
        "path": path_param("File, folder or URL of a dump."),
        "posts": integer_param(50_000, "How many to keep, half per topic.", minimum=1, maximum=1_000_000_000),
        "seconds": integer_param(
            600, "How many seconds a live source is read.", minimum=1, maximum=7 * 86_400
        ),
        "golden": path_param("File or URL of golden labels, or none."),
    },
) as dag:

    @task
    @fails_at_once
    def publish(version: str, params: Any = None) -> dict[str, Any]:
        """Publish the source's posts to Kafka and record the version's positions."""
        from include.sources.collect import collect_version

        input_of(params["golden"], "golden")  # now, and not when all the posts have been collected
        return collect_version(
            version,
            params["source"],
            path=input_of(params["path"], "path"),
            posts=params["posts"],
            seconds=params["seconds"],
        )

    dump_raw = SparkApplication(
        task_id="dump_raw",
        app="dump_raw",
        application_args=["--version", VERSION, "--posts", "{{ params.posts }}"],
    )

    @task(**publishes(RAW_TWEETS))
    @fails_at_once
    def import_golden(version: str, params: Any = None, dag_run: Any = None) -> int:
        """Take people's labels in, where a file was given; returns how many were new."""
        from include.annotation.labels.transfer import import_file

        return import_file(input_of(params["golden"], "golden"), version, started_by(dag_run))

    publish(VERSION) >> dump_raw >> import_golden(VERSION)
