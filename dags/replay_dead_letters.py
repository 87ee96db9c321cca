"""Replay dead letters: what could not be classified goes through the workload once more.

**When to run it.** On demand, after what refused them was mended: a parser, a model. The dashboard and the
table `dead_letter` say what there is, by stage and reason.

**What it does.** The raw bytes of the chosen dead letters (`stage`, `reason`, at most `limit`) are parsed and
classified by the model in service. Nothing is sent to Kafka: a post's row gets the message's own position as
its key, so replaying twice leaves it once, and the running stream is not touched.

**What it leaves.** Rows of `ai_tweets` and `links` for what passes; its dead letter is marked with time and
run (`replayed_at`, `replayed_by`). What fails again stays, with `attempts` and `last_reason`. With `dry_run`,
the default, it only says what would be replayed.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param, task
from versioned_dag import fails_at_once, versioned_dag

with versioned_dag(
    "replay_dead_letters",
    __doc__,
    params={
        "workload": Param("ai_tweets", type="string", description="Whose dead letters."),
        "stage": Param(None, enum=[None, "parse", "score"], description="Where they failed; none: anywhere."),
        "reason": Param(None, type=["null", "string"], description="Why, in the table's words; none: any."),
        "limit": Param(10_000, type="integer", minimum=1, description="How many at most."),
        "dry_run": Param(True, type="boolean", description="Only say what would be replayed."),
    },
) as dag:

    @task
    @fails_at_once
    def replay(params: Any = None, run_id: Any = None) -> dict[str, Any]:
        """Classify the chosen dead letters in place; returns counts."""
        from include.streaming.dead_letters.replay import replay_dead_letters
        from include.streaming.dead_letters.table import Selection

        choice = Selection(params["workload"], params["stage"], params["reason"], params["limit"])
        return replay_dead_letters(choice, run_id, dry_run=params["dry_run"])

    replay()
