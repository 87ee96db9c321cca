"""The main job: collects posts, builds, labels, trains, promotes, and classifies a live feed."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_delay, wait_fixed

from include.infra.input_files.allowed import hand_in
from include.local_stack.addresses import shortest, where_to_look
from include.local_stack.airflow.api import AirflowApi
from include.local_stack.airflow.reply import Reply
from include.local_stack.demo.arguments import WORKLOAD, MainJob
from include.local_stack.demo.progress_lines import say
from include.local_stack.demo.stack import started
from include.local_stack.demo.summary import format_summary, live_posts, summarise
from include.settings import Settings

CHAIN = ("build_dataset", "label_dataset", "train_classifier")
"""What follows ``collect_tweets`` by asset, in order."""

LIVE_SECONDS = 600
"""How long the live feed may take until its first posts are classified."""

ENOUGH_POSTS = 100
"""So many live posts show that the stream works."""


def run(job: MainJob, settings: Settings) -> None:
    """The whole job, then the summary on the terminal and in ``summary.json``.

    Raises:
        RuntimeError, TimeoutError: a step failed, or took too long.
    """
    airflow = started(settings)
    hand_in(settings, job.dump, job.golden)
    _run_chain(airflow, job, datetime.now(UTC))
    _promote(airflow, job)
    live_since = datetime.now(UTC)
    _classify_live_posts(airflow, job, settings, live_since)
    summary = summarise(job.version, settings, live_since)
    path = settings.state_dir / "summary.json"
    path.write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n")
    print(format_summary(summary, settings))
    say(f"all done; the same as JSON, and more, in {shortest(path)}")
    print("", *where_to_look(settings), sep="\n")


def _run_chain(airflow: AirflowApi, job: MainJob, began: datetime) -> None:
    say(f"collecting version {job.version} from {job.dump or job.source}")
    airflow.wait(
        "collect_tweets", airflow.trigger("collect_tweets", job.version, job.collect_conf()), timeout=900
    )
    for dag_id in CHAIN:
        run_id = airflow.wait_for_follower(dag_id, job.version, began, timeout=600)
        airflow.wait(dag_id, run_id, timeout=1800)


def _promote(airflow: AirflowApi, job: MainJob) -> None:
    say("promoting the model")
    run_id = airflow.trigger("promote_model", job.version, {"reason": "make demo"})
    yes = Reply("Approve", {"why": "the demo looks at what its own model does"})
    airflow.wait("promote_model", run_id, timeout=1800, reply=yes)


def _classify_live_posts(airflow: AirflowApi, job: MainJob, settings: Settings, since: datetime) -> None:
    say("starting the stream on a live feed")
    conf = {"workload": WORKLOAD, "action": "ensure", "feed": "replay", "dump": job.dump}
    airflow.wait("stream_classifier", airflow.trigger("stream_classifier", job.version, conf), timeout=1800)
    _wait_for_live_posts(settings, since)


def _wait_for_live_posts(settings: Settings, since: datetime) -> None:
    """Wait until enough posts that reached Kafka since then are classified; a line for each new count.

    Raises:
        TimeoutError: they are not within LIVE_SECONDS.
    """
    counts: list[int] = []

    def too_late(_: RetryCallState) -> None:
        raise TimeoutError(f"{counts[-1]} live posts classified within {LIVE_SECONDS} s; see `make logs`")

    def enough() -> bool:
        count = live_posts(settings, since)
        if [count] != counts[-1:]:
            say(f"live posts classified: {count}")
        counts.append(count)
        return count >= ENOUGH_POSTS

    waiting = Retrying(
        retry=retry_if_result(lambda done: not done),
        stop=stop_after_delay(LIVE_SECONDS),
        wait=wait_fixed(2),
        retry_error_callback=too_late,
    )
    waiting(enough)
