"""Score a live stream: Kafka -> a scorer -> the workload's table, exactly once.

**Workload** (`workload`): which stream, one of the folders of `include/workloads`. `ai_tweets` is the main
job: posts -> model server -> `ai_tweets`. Each workload has a streaming job, a watch and a lease of its
own; what one run does leaves the other workloads alone.

**Actions** (`action`):

| action | what happens |
|---|---|
| `ensure` | the streaming job runs: started where it does not, else left alone; a `watch` follows |
| `watch` | as long as the streaming job is to run: a dead one is started again, at most 5 times an hour |
| `drain` | the streaming job finishes its batch and stops |
| `once` | what is in the topics now is scored, then the job ends (for CI and backfills) |

The streaming job outlives this run and Airflow itself; a lease in Postgres keeps a second copy from
starting. It asks the model server, so it follows `promote_model` without a restart. `watch` waits in the
triggerer and holds no worker slot; it ends when the streaming job is drained, and fails when that dies too
often. A second one for the same workload ends at once.

**Scorer** (`scorer`, with `ensure` and `once`): one of the workload's scorers by name, for `ai_tweets`
`tf_serving` (the model server) or `saved_model` (the model in each Spark worker). None: the one that
`TWEETSIEVE_STREAM_SCORERS` names, else the workload's default. `ensure` with another scorer than the last
`ensure` drains the streaming job and starts it again.

**Live messages** (`feed`, with `ensure`): one of the workload's producers. For `ai_tweets`, `replay` starts
the local replay of X's filtered stream and the tweepy client that reads it, `x` the client against X
itself; `none` leaves the feed to you. A `dump` to replay lies where `collect_tweets` may read one.

**What it leaves.** Rows of the workload's table, keyed by Kafka position (`ai_tweets`: probability, model
version, links; and table `links`), `dead_letter` for what can't be read, `stream_commit` and
`stream_progress`.
"""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import task
from form_params import choice_param, input_of, name_param, path_param, text_of, text_param
from spark_application import SparkApplication
from stream_watch import WatchStream
from versioned_dag import fails_at_once, versioned_dag

WORKLOAD, SCORER = "{{ params.workload }}", "{{ (params.scorer or '').strip() }}"

with versioned_dag(
    "stream_classifier",
    __doc__,
    params={
        "workload": name_param("ai_tweets", "Which stream."),
        "action": choice_param("ensure", ["ensure", "watch", "drain", "once"], "What to do."),
        "scorer": text_param(
            "What scores the messages; none: as the settings say.", examples=["tf_serving", "saved_model"]
        ),
        "feed": name_param("none", "Which live messages to read.", examples=["none", "replay", "x"]),
        "dump": path_param("What the replay sends; none: synthetic."),
    },
    max_active_runs=16,  # a watch lives as long as its stream
) as dag:

    @task.branch
    @fails_at_once
    def choose(params: Any = None) -> str:
        """Follow the branch of the chosen action, where the workload has what was chosen."""
        from include.streaming.control.actions import check_choice

        check_choice(params["workload"], scorer=text_of(params["scorer"]), feed=params["feed"])
        return "services" if params["action"] == "once" else params["action"]

    @task
    @fails_at_once
    def ensure(params: Any = None) -> None:
        """Start the streaming job and its feed where they do not run; wait for the first progress."""
        from include.streaming.control.actions import ensure_stream

        source = input_of(params["dump"], "dump")
        ensure_stream(
            params["workload"],
            scorer=text_of(params["scorer"]),
            feed=params["feed"],
            source=str(source) if source else None,
        )

    @task
    @fails_at_once
    def drain(params: Any = None) -> None:
        """Stop the feed, then let the streaming job finish its batch and stop."""
        from include.streaming.control.actions import drain_stream

        drain_stream(params["workload"])

    @task
    @fails_at_once
    def services(params: Any = None) -> None:
        """Start the services that the workload scores with, where it has any."""
        from include.streaming.control.actions import ensure_services

        ensure_services(params["workload"])

    once = SparkApplication(
        task_id="once",
        app="stream_classify",
        role="stream",
        application_args=["--workload", WORKLOAD, "--scorer", SCORER, "--available-now"],
    )

    watch = WatchStream(task_id="watch", workload=WORKLOAD)

    followed_by_watch = TriggerDagRunOperator(
        task_id="followed_by_watch",
        trigger_dag_id="stream_classifier",
        trigger_run_id="watch_after_{{ run_id }}",
        conf={"action": "watch", "workload": WORKLOAD},
        logical_date=None,
        skip_when_already_exists=True,
    )

    ensured = ensure()
    started = services()
    choose() >> [ensured, watch, drain(), started]
    started >> once
    ensured >> followed_by_watch
