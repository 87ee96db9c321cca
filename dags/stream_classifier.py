"""Classify the live stream: Kafka -> model server -> `ai_tweets`, exactly once.

**Actions** (`action`):

| action | what happens |
|---|---|
| `ensure` | the streaming job runs: started where it does not, else left alone; a `watch` follows |
| `watch` | as long as the streaming job is to run: a dead one is started again, at most 5 times an hour |
| `drain` | the streaming job finishes its batch and stops |
| `once` | what is in the topics now is classified, then the job ends (for CI and backfills) |

The streaming job outlives this run and Airflow itself; a lease in Postgres keeps a second copy from
starting. It asks the model server, so it follows `promote_model` without a restart. `watch` waits in the
triggerer and holds no worker slot; it ends when the streaming job is drained, and fails when that dies too
often. A second one ends at once.

**Live posts** (`feed`, with `ensure`): `replay` starts the local replay of X's filtered stream and the
tweepy client that reads it, `x` the client against X itself; `none` leaves the feed to you.

**What it leaves.** `ai_tweets` (probability, model version, links; keyed by Kafka position), `links`,
`dead_letter` for what can't be read, `stream_commit` and `stream_progress`.
"""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Param, task
from spark_application import SparkApplication
from stream_watch import WatchStream
from versioned_dag import fails_at_once, versioned_dag

with versioned_dag(
    "stream_classifier",
    __doc__,
    params={
        "action": Param("ensure", enum=["ensure", "watch", "drain", "once"], description="What to do."),
        "feed": Param("none", enum=["none", "replay", "x"], description="Which live posts to read."),
        "dump": Param(None, type=["null", "string"], description="What the replay sends; none: synthetic."),
    },
    max_active_runs=8,  # a watch lives as long as the stream
) as dag:

    @task.branch
    def choose(params: Any = None) -> str:
        """Take the way of the chosen action."""
        return params["action"]

    @task
    @fails_at_once
    def ensure(params: Any = None) -> None:
        """Start the streaming job and the feed where they do not run; wait for the first progress."""
        from include.streaming.control.live_feed import ensure_stream

        ensure_stream(feed=params["feed"], dump=params["dump"])

    @task
    @fails_at_once
    def drain() -> None:
        """Let the streaming job finish its batch and stop; the feed stops first."""
        from include.streaming.control.live_feed import drain_stream

        drain_stream()

    once = SparkApplication(
        task_id="once",
        app="stream_classify",
        application_args=["--workload", "ai_tweets", "--available-now"],
    )

    watch = WatchStream(task_id="watch", workload="ai_tweets")

    followed_by_watch = TriggerDagRunOperator(
        task_id="followed_by_watch",
        trigger_dag_id="stream_classifier",
        trigger_run_id="watch_after_{{ run_id }}",
        conf={"action": "watch"},
        logical_date=None,
        skip_when_already_exists=True,
    )

    ensured = ensure()
    choose() >> [ensured, watch, drain(), once]
    ensured >> followed_by_watch
