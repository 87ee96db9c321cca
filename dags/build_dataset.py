"""Build a dataset version: deduplicate `raw_tweet_dataset_<version>` and split it.

**When it runs.** By itself when `collect_tweets` has finished a version; or on demand.

**What it leaves.** `deduplicated_raw_tweet_dataset_<version>`: one row per post and per normalised
text, with its near-duplicate group. `test_dataset_<version>` (1000), `dev_dataset_<version>` (500),
`snorkel_train_dataset_<version>` (10,000) and `train_dataset_<version>` (the rest), a group whole on one
side, by the seed `TWEETSIEVE_SPLIT_SEED`. Small data scales the sizes down; the log gives the sizes used.

**Where it works.** On the Spark master of the Airflow connection `spark_default`.

**Rerun.** The same rows and seed give the same tables; a failed run leaves the old ones.
"""

from __future__ import annotations

from dataset_version import VERSION
from spark_application import SparkApplication
from version_of_run import publishes
from versioned_dag import DATASETS, RAW_TWEETS, versioned_dag

with versioned_dag("build_dataset", __doc__, follows=RAW_TWEETS) as dag:
    deduplicate = SparkApplication(
        task_id="deduplicate", app="deduplicate", application_args=["--version", VERSION]
    )
    split = SparkApplication(
        task_id="split", app="split", application_args=["--version", VERSION], **publishes(DATASETS)
    )
    deduplicate >> split
