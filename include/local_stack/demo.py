"""The main job on the embedded stack, driven through Airflow's REST API: ``make demo``.

Starts the stack, collects a dataset version, lets it flow through build, label and train, promotes
the model, starts the streaming classifier on a live feed, and says what came of it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from include.errors import USER_ERROR_EXIT_CODE, UserError
from include.local_stack.airflow.api import AirflowApi, RunFailed
from include.local_stack.airflow.reply import Reply
from include.local_stack.summary import format_summary, live_posts, summarise
from include.schema.dataset_version import parse_version
from include.settings import Settings, get_settings

CHAIN = ("build_dataset", "label_dataset", "train_classifier")
"""What follows ``collect_tweets`` by asset, in order."""

SYNTHETIC_POSTS = 8_000
DUMPED_POSTS = 50_000
"""How many posts the version keeps at most where nothing was said, half from each topic."""

LIVE_SECONDS = 600
"""How long the live feed may take until its first posts are classified."""

STARTED = time.monotonic()


class DemoError(UserError, ValueError):
    """An argument of the demo that can't be worked with."""


@dataclass(frozen=True)
class Demo:
    """What to run: a source, a dataset version and how many posts; all checked."""

    source: str
    version: int
    posts: int
    dump: str | None
    golden: str | None

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> Demo:
        """Check the arguments before anything is started.

        Raises:
            DemoError: a file that is not there, or a dump without ``--dump``.
            VersionError: a version that is not an integer >= 0.
        """
        if arguments.source == "dump" and not arguments.dump:
            raise DemoError("SOURCE=dump needs DUMP=<file or folder>")
        return cls(
            source="dump" if arguments.dump else arguments.source,
            version=parse_version(arguments.version),
            posts=arguments.posts or (DUMPED_POSTS if arguments.dump else SYNTHETIC_POSTS),
            dump=_existing(arguments.dump, "DUMP"),
            golden=_existing(arguments.golden, "GOLDEN"),
        )

    def collect_conf(self) -> dict[str, Any]:
        """The conf of the ``collect_tweets`` run."""
        return {"source": self.source, "path": self.dump, "posts": self.posts, "golden": self.golden}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; 0 only when every step of it happened."""
    settings = get_settings()
    try:
        demo = Demo.of(_parser().parse_args(argv))
        run(demo, settings)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return USER_ERROR_EXIT_CODE
    except (RunFailed, TimeoutError, httpx.HTTPError, RuntimeError) as error:
        print(f"error: the demo stopped: {error}", file=sys.stderr)
        return 1
    return 0


def run(demo: Demo, settings: Settings) -> None:
    """The whole job, then the summary on the terminal and in ``summary.json``."""
    from include.local_stack.stack import up

    up(settings)
    began = datetime.now(UTC)
    airflow = _airflow(settings)
    _run_chain(airflow, demo, began)
    _say("promoting the model")
    run_id = airflow.trigger("promote_model", demo.version, {"reason": "make demo"})
    yes = Reply("Approve", {"why": "the demo looks at what its own model does"})
    airflow.wait("promote_model", run_id, timeout=1800, reply=yes)
    _say("starting the streaming classifier on a live feed")
    live_since = datetime.now(UTC)
    feed = {"action": "ensure", "feed": "replay", "dump": demo.dump}
    _run_one(airflow, "stream_classifier", demo.version, feed, timeout=1800)
    _wait_for_live_posts(settings, live_since)
    summary = summarise(demo.version, settings, live_since)
    path = settings.state_dir / "summary.json"
    path.write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n")
    print(format_summary(summary))
    _say(f"all done; the same as JSON in {os.path.relpath(path)}")


def _run_chain(airflow: AirflowApi, demo: Demo, began: datetime) -> None:
    _say(f"collecting version {demo.version} from {demo.dump or demo.source}")
    _run_one(airflow, "collect_tweets", demo.version, demo.collect_conf(), timeout=900)
    for dag_id in CHAIN:
        run_id = airflow.wait_for_follower(dag_id, demo.version, began, timeout=600)
        airflow.wait(dag_id, run_id, timeout=1800)


def _run_one(airflow: AirflowApi, dag_id: str, version: int, conf: dict[str, Any], timeout: float) -> None:
    airflow.wait(dag_id, airflow.trigger(dag_id, version, conf), timeout)


def _wait_for_live_posts(settings: Settings, since: datetime, enough: int = 100) -> None:
    deadline, shown = time.monotonic() + LIVE_SECONDS, -1
    while (seen := live_posts(settings, since)) < enough:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{seen} live posts classified within {LIVE_SECONDS} s; see `make logs`")
        if seen != shown:
            _say(f"live posts classified: {seen}")
            shown = seen
        time.sleep(2)
    _say(f"live posts classified: {seen}")


def _airflow(settings: Settings) -> AirflowApi:
    from include.local_stack.airflow.server import admin_password

    url = f"http://{settings.host}:{settings.airflow_port}"
    return AirflowApi(url, "admin", admin_password(settings), say=_say)


def _existing(path: str | None, name: str) -> str | None:
    if not path:
        return None
    if not Path(path).exists():
        raise DemoError(f"{name}={path}: no such file or folder")
    return str(Path(path).resolve())


def _say(text: str) -> None:
    minutes, seconds = divmod(int(time.monotonic() - STARTED), 60)
    print(f"[{minutes:02d}:{seconds:02d}] {text}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__.splitlines()[0])
    parser.add_argument("--source", default="synthetic", choices=["synthetic", "dump"], help="SOURCE=")
    parser.add_argument("--dump", help="DUMP=: file or folder of posts, for SOURCE=dump")
    parser.add_argument("--version", default="0", help="VERSION=: the dataset version, an integer >= 0")
    parser.add_argument("--golden", help="GOLDEN=: JSONL of id_str and label, people's labels")
    parser.add_argument("--posts", type=int, default=0, help="POSTS=: how many posts to keep")
    return parser


if __name__ == "__main__":
    sys.exit(main())
