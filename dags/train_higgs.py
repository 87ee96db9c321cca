"""Train and judge the network of the workload `higgs` on labelled events.

**When to run it.** On demand. It needs no other DAG and no file: by default the events are made up.

| param | what it does |
|---|---|
| `version` | the dataset version: the seed of made-up events, a number for those of a file |
| `source`, `path` | `synthetic` (no file), or `atlas` / `fair_universe` with the path of its CSV file |
| `events`, `epochs` | how many events to use at most, and how often they are gone through at most |
| `seed` | of the weights and the batches |

**What it leaves.** A new version of the model `higgs_mlp` in the model store: a SavedModel that takes the
raw features by name and normalises them itself, the features' order and the label map beside it, metrics
with 95 % intervals beside logistic regression's on the same held-out events, learning curves, a model card,
the held-out events; and a row in `model_version`. Nothing is put into service: that is `promote_model` with
`workload: higgs`. Figures on made-up or mapped events say nothing about physics.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import task
from dataset_version import VERSION
from form_params import choice_param, input_of, integer_param, path_param
from versioned_dag import fails_at_once, versioned_dag

with versioned_dag(
    "train_higgs",
    __doc__,
    params={
        "source": choice_param("synthetic", ["synthetic", "atlas", "fair_universe"], "Whose events."),
        "path": path_param("CSV file of the source atlas or fair_universe; none: synthetic."),
        "events": integer_param(40_000, "How many events at most.", minimum=100, maximum=10_000_000),
        "epochs": integer_param(20, "How many epochs at most.", minimum=1, maximum=1000),
        "seed": integer_param(1, "Seed of weights and batches.", minimum=0, maximum=2**31 - 1),
    },
) as dag:

    @task
    @fails_at_once
    def train(version: str, params: Any = None) -> int:
        """Train, judge and store; returns the model version."""
        path = input_of(params["path"], "path")  # before what takes seconds to load
        from include.workloads.higgs.model.train import train_higgs

        return train_higgs(
            version,
            source=params["source"],
            path=path,
            events=params["events"],
            epochs=params["epochs"],
            seed=params["seed"],
        )

    train(VERSION)
