"""Put a trained model into service, or put the previous one back.

**When to run it.** On demand; nothing follows into production by itself.

**What it does** (`action: promote`). The gate compares the candidate (`model_version`, or the latest one
trained on the dataset version) with floors and with the model in service. Then it is rolled out: the
model server must say AVAILABLE for that version by name, and answer real requests with the candidate's own
probabilities. Any failure after the rollout began puts the previous version back and proves it in the same
way. `action: rollback` returns to the version that was in service before, with the same checks.

**What it leaves.** One row in the append-only `promotion` table: from, to, outcome, evidence,
approver and reason. Promoting what is in service already changes nothing.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param, task
from dataset_version import VERSION
from versioned_dag import fails_at_once, versioned_dag

with versioned_dag(
    "promote_model",
    __doc__,
    params={
        "action": Param("promote", enum=["promote", "rollback"], description="What to do."),
        "model_version": Param(
            None, type=["null", "integer"], minimum=1, description="Which model; none: the version's latest."
        ),
        "reason": Param("", type="string", maxLength=500, description="Why; goes into the ledger."),
    },
) as dag:

    @task(retries=0)
    @fails_at_once
    def promote(version: str, params: Any = None, dag_run: Any = None) -> int:
        """Gate, roll out, check, record; returns the model version in service."""
        from include.promotion.run import run_promotion

        return run_promotion(
            params["action"],
            version,
            params["model_version"],
            reason=params["reason"],
            approver=dag_run.triggering_user_name,
        )

    promote(VERSION)
