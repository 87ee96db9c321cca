"""Classify the live stream: Kafka -> model server -> `ai_tweets`, exactly once.

**Actions** (`action`):

| action | what happens |
|---|---|
| `ensure` | the streaming job runs: started where it does not, left alone where it does |
| `drain` | the streaming job finishes its batch and stops |
| `once` | what is in the topics now is classified, then the job ends (for CI and backfills) |

The streaming job outlives this run and Airflow itself; a lease in Postgres keeps a second copy from
starting. It asks the model server, so it follows `promote_model` without a restart.

**Live posts** (`feed`, with `ensure`): `replay` starts the local replay of X's filtered stream and the
tweepy client that reads it, `x` the client against X itself; `none` leaves the feed to you.

**What it leaves.** `ai_tweets` (probability, model version, links; keyed by Kafka position), `links`,
`dead_letter` for what can't be read, `stream_commit` and `stream_progress`.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param, task
from spark_application import SparkApplication
from versioned_dag import fails_at_once, versioned_dag

with versioned_dag(
    "stream_classifier",
    __doc__,
    params={
        "action": Param("ensure", enum=["ensure", "drain", "once"], description="What to do."),
        "feed": Param("none", enum=["none", "replay", "x"], description="Which live posts to read."),
        "dump": Param(None, type=["null", "string"], description="What the replay sends; none: synthetic."),
    },
) as dag:

    @task.branch
    def choose(params: Any = None) -> str:
        """Take the way of the chosen action."""
        return params["action"]

    @task
    @fails_at_once
    def ensure(params: Any = None) -> None:
        """Start the streaming job and the feed where they do not run; wait for the first progress."""
        from include.streaming.live_feed import ensure_stream

        ensure_stream(feed=params["feed"], dump=params["dump"])

    @task
    @fails_at_once
    def drain() -> None:
        """Let the streaming job finish its batch and stop; the feed stops first."""
        from include.streaming.live_feed import drain_stream

        drain_stream()

    once = SparkApplication(
        task_id="once",
        app="stream_classify",
        application_args=["--workload", "ai_tweets", "--available-now"],
    )

    choose() >> [ensure(), drain(), once]
