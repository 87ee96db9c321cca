"""The main job: collects posts, builds, labels, trains, promotes, and classifies a live feed."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_delay, wait_fixed

from include.errors import UserError
from include.infra.input_files.location import is_url, require_there
from include.infra.input_files.problems import InputFileError
from include.local_stack.addresses import where_to_look
from include.local_stack.airflow.api import AirflowApi
from include.local_stack.airflow.reply import Reply
from include.local_stack.demo.progress_lines import say
from include.local_stack.demo.stack import started
from include.local_stack.demo.summary import format_labelling, format_summary, live_posts, summarise
from include.schema.dataset_version import parse_version
from include.settings import Settings

WORKLOAD = "ai_tweets"

CHAIN = ("build_dataset", "label_dataset", "train_classifier")
"""What follows ``collect_tweets`` by asset, in order."""

SYNTHETIC_POSTS = 8_000
DUMPED_POSTS = 50_000
"""How many posts the version keeps at most where no number was given, half from each topic."""

LIVE_SECONDS = 600
"""How long the live feed may take until its first posts are classified."""

ENOUGH_POSTS = 100
"""So many live posts show that the stream works."""


class DemoError(UserError, ValueError):
    """An argument of the demo that can't be used."""


@dataclass(frozen=True)
class MainJob:
    """What to run: a source, a dataset version and how many posts; all checked."""

    source: str
    version: int
    posts: int
    dump: str | None
    golden: str | None

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> MainJob:
        """Check the arguments before anything is started.

        Raises:
            DemoError: a file that is not there, or a dump without ``--dump``.
            VersionError: a version that is not an integer >= 0.
        """
        if arguments.source == "dump" and not arguments.dump:
            raise DemoError("SOURCE=dump needs DUMP=<file or folder>")
        return cls(
            source="dump" if arguments.dump else "synthetic",
            version=parse_version(arguments.version or "0"),
            posts=arguments.posts or (DUMPED_POSTS if arguments.dump else SYNTHETIC_POSTS),
            dump=_existing(arguments.dump, "DUMP"),
            golden=_existing(arguments.golden, "GOLDEN"),
        )

    def collect_conf(self) -> dict[str, Any]:
        """The conf of the ``collect_tweets`` run."""
        return {"source": self.source, "path": self.dump, "posts": self.posts, "golden": self.golden}


def run(job: MainJob, settings: Settings) -> None:
    """The whole job, then the summary on the terminal and in ``summary.json``.

    Raises:
        RuntimeError, TimeoutError: a step failed, or took too long.
    """
    airflow = started(settings)
    _run_chain(airflow, job, datetime.now(UTC))
    _promote(airflow, job)
    live_since = datetime.now(UTC)
    _classify_live_posts(airflow, job, settings, live_since)
    summary = summarise(job.version, settings, live_since)
    path = settings.state_dir / "summary.json"
    path.write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n")
    labelling = path.with_name("labelling_functions.txt")
    labelling.write_text(format_labelling(summary))
    print(format_summary(summary))
    say(f"all done; the same as JSON in {os.path.relpath(path)}")
    say(f"what each labelling function covers: {os.path.relpath(labelling)}")
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


def _existing(path: str | None, name: str) -> str | None:
    if not path:
        return None
    try:
        require_there(path)
    except InputFileError as error:
        raise DemoError(f"{name}={error}") from None
    return path if is_url(path) else str(Path(path).resolve())
