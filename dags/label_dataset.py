"""Label a dataset version weakly, by labelling functions.

**When it runs.** By itself when `build_dataset` has finished a version; or on demand.

**What it does.** Every labelling function votes on every post of the four splits; Snorkel's label
model and the majority vote are fitted on `snorkel_train_dataset_<version>`, and the one that agrees better
with people's golden labels (where there are any) gives the soft labels.

**What it leaves.** `weak_label` and `weak_probability` in the four split tables (both NULL where
all functions abstain: such a post never enters training), the same with all votes as parquet under
`labels/<version>/` of the state folder, and the coverage table in `labelling_report` and in this
task's log. With golden labels also each function's precision, the scores of both methods and of
golden labels alone (`labelling_choice`), and the errors with example posts (`labelling_bucket`). The
tagger's queues of doubtful and disputed posts (`labelling_queue`) are rebuilt.
"""

from __future__ import annotations

from airflow.sdk import task
from dataset_version import VERSION
from version_of_run import publishes
from versioned_dag import DATASETS, LABELS, fails_at_once, versioned_dag

with versioned_dag("label_dataset", __doc__, follows=DATASETS) as dag:

    @task(**publishes(LABELS))
    @fails_at_once
    def label(version: str) -> None:
        """Vote, fit, write soft labels and the report."""
        from include.labelling.label_dataset import label_dataset

        label_dataset(version)

    label(VERSION)
