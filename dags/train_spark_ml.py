"""Choose the pipeline of the workload `spark_ml` by cross-validation, and put it into service.

**When to run it.** On demand. It needs no other DAG and no file: by default the rows are made up.

| param | what it does |
|---|---|
| `version` | a number for the rows; the seed of made-up ones |
| `path` | a CSV file with a header: the 28 declared features and `label`, 0 or 1; also `s3a://` |
| `rows` | how many rows are made up, without a path |
| `folds`, `seed` | of the cross-validation: parts, and the seed of all that is drawn |
| `serve` | `if_better`: unless it is worse than the version in service, on the same rows; `always`; `no` |

| step | what happens |
|---|---|
| `prepare` | the path, if runs may read it, or a file of made-up rows |
| `train` | on the Spark master of the connection `spark_default`; every point of the grid on every fold |
| `serve` | names the version as the one in service; the stream takes it with its next batch |

**What is checked.** The schema that Spark infers has to be the declared one; else nothing is stored, and the
first line that differs is told, and how.

**What it leaves.** A new version of the model `spark_ml` in the model store: the CrossValidatorModel, its
best PipelineModel, the contract (features, schema, Spark's version, hash), metrics of every fold and of the
held-out rows with 95 % intervals, a plot, a model card; and a row in `model_version`. A path has to be one
that all of Spark's processes can read, and the model store a folder that they share.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import task
from dataset_version import VERSION
from form_params import choice_param, input_of, integer_param, path_param
from spark_application import SparkApplication
from versioned_dag import fails_at_once, versioned_dag

with versioned_dag(
    "train_spark_ml",
    __doc__,
    params={
        "path": path_param("CSV file with the declared columns; none: made-up rows."),
        "rows": integer_param(20_000, "How many rows are made up.", minimum=1_000, maximum=10_000_000),
        "folds": integer_param(3, "Folds of the cross-validation.", minimum=3, maximum=20),
        "seed": integer_param(1, "Seed of the parts and the tree.", minimum=0, maximum=2**31 - 1),
        "serve": choice_param("if_better", ["if_better", "always", "no"], "Put it into service?"),
    },
) as dag:

    @task
    @fails_at_once
    def prepare(version: str, params: Any = None) -> str:
        """Check the path, or make rows up; returns the path."""
        path = input_of(params["path"], "path")
        from include.workloads.spark_ml.data.files import training_file

        return training_file(path, version, params["rows"])

    @task
    @fails_at_once
    def serve(version: str, params: Any = None) -> int | None:
        """Put the trained version into service, where it is no worse; returns the one that is there."""
        from include.settings import get_settings
        from include.workloads.spark_ml.model.serving import serve_latest

        return serve_latest(get_settings(), int(version), params["serve"])

    train = SparkApplication(
        task_id="train",
        app="train_spark_ml",
        application_args=[
            "--version", VERSION, "--path", prepare(VERSION),
            "--folds", "{{ params.folds }}", "--seed", "{{ params.seed }}",
        ],
    )  # fmt: skip
    train >> serve(VERSION)
