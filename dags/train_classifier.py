"""Train and evaluate the classifier on a dataset version's soft labels, and on golden ones.

**When it runs.** By itself when `label_dataset` has finished a version; or on demand.

**What it leaves.** A new model version in the model store: a SavedModel that takes strings and
gives probabilities, its metrics (on golden labels where they exist, on weak ones always), those of
the two baselines on the same rows, behavioural tests, plots and a model card; and a row in
`model_version`. Golden labels are learned from where 50 or more lie outside the test split; the figures
on them are then those of models that had not met them, nor a near-duplicate (cross-fitting). Nothing is
put into service: that is `promote_model`.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import task
from dataset_version import VERSION
from form_params import integer_param
from version_of_run import publishes
from versioned_dag import CLASSIFIERS, LABELS, fails_at_once, versioned_dag

with versioned_dag(
    "train_classifier",
    __doc__,
    follows=LABELS,
    params={"seed": integer_param(1, "Seed of weights and batches.", minimum=0, maximum=2**32 - 1)},
) as dag:

    @task(**publishes(CLASSIFIERS))
    @fails_at_once
    def train(version: str, params: Any = None) -> int:
        """Train, evaluate and store; returns the model version."""
        from include.model.train import train_classifier

        return train_classifier(version, seed=params["seed"])

    train(VERSION)
