"""Replay dead letters: what could not be scored goes through the workload once more.

**When to run it.** On demand, after the cause was fixed: a parser, a model. The dashboard and the table
`dead_letter` show what there is, by stage and reason.

**What it does.** The raw bytes of the chosen dead letters of one workload (`workload`, `stage`, `reason`,
at most `limit`) are decoded and scored, by `scorer` where one is named, else by the scorer of the settings.
Nothing is sent to Kafka: a row gets the message's own position as its key, so replaying twice leaves it
once, and the running stream is not touched.

**What it leaves.** Rows of the workload's table (`ai_tweets` and `links` for the main job) for what passes;
the dead letter is marked with time and run (`replayed_at`, `replayed_by`). What fails again stays, with
`attempts` and `last_reason`. With `dry_run`, the default, it only reports what would be replayed.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param, task
from form_params import integer_param, name_param, text_of, text_param
from versioned_dag import fails_at_once, versioned_dag

with versioned_dag(
    "replay_dead_letters",
    __doc__,
    params={
        "workload": name_param("ai_tweets", "Whose dead letters."),
        "scorer": text_param(
            "What scores them; none: as the settings say.", examples=["tf_serving", "saved_model"]
        ),
        "stage": Param(
            None,
            enum=[None, "parse", "score", "transform"],
            description="Where they failed; none: anywhere.",
        ),
        "reason": text_param("Why, in the table's words; none: any."),
        "limit": integer_param(10_000, "How many at most.", minimum=1, maximum=100_000_000),
        "dry_run": Param(True, type="boolean", description="Only report what would be replayed."),
    },
) as dag:

    @task
    @fails_at_once
    def replay(params: Any = None, run_id: Any = None) -> dict[str, Any]:
        """Score the chosen dead letters in place; returns counts."""
        from include.streaming.dead_letters.replay import replay_dead_letters
        from include.streaming.dead_letters.table import Selection

        selection = Selection(params["workload"], params["stage"], text_of(params["reason"]), params["limit"])
        return replay_dead_letters(
            selection, run_id, scorer=text_of(params["scorer"]), dry_run=params["dry_run"]
        )

    replay()
