"""The streaming classifier, for every workload: Kafka to a scorer to a sink, exactly once.

    spark-submit --jars <connector jars> spark_apps/stream_classify.py --workload ai_tweets

Master, memory and jars are the command line's, everything else the settings' (the environment).
It waits for database, broker and a model in service, and waits their outages out. SIGTERM drains:
the batch at work ends, the lease is given back, exit code 0.

Exit codes: 0 drained, or with --available-now all done; 1 failed; 2 wrong input, which a person has
to correct; 3 another copy runs the workload.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
import time
from collections.abc import Sequence

import psycopg
from pyspark import SparkContext

from include.console.arguments import CommandParser, plain_name
from include.console.command import command, complain
from include.errors import UserError
from include.infra.postgres.connection import connect
from include.infra.spark.session import make_session
from include.schema.revision import require_current_schema
from include.settings import Settings, get_settings
from include.streaming.backoff import Patience
from include.streaming.engine.spark.application import Application, StreamFailed
from include.streaming.engine.spark.signals import stop_flag, watch_jvm, watch_parent
from include.streaming.registry import workload_named
from include.streaming.scorers.plan import scorer_name
from include.streaming.state.desired_state import chosen_scorer, want
from include.streaming.state.lease import Lease, LeaseHeld, LeaseLost, renewed

log = logging.getLogger("tweetsieve.stream")

HELD_EXIT_CODE = 3
GRACE_SECONDS = 5.0
"""A killed copy may take this long to be gone."""


@command
def main(arguments: Sequence[str] | None = None) -> int:
    options = parse_arguments(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("py4j", "httpx"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        return run(options, get_settings(), prepare_stop())
    except (LeaseHeld, LeaseLost) as problem:
        complain(str(problem))
        return HELD_EXIT_CODE
    except StreamFailed as problem:
        log.error("%s", problem)
        return 1


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = CommandParser(
        prog="spark_apps/stream_classify.py", about="Process a workload's messages from Kafka as they arrive."
    )
    parser.add_argument("--workload", type=plain_name, required=True, help="a folder of include/workloads")
    parser.add_argument("--available-now", action="store_true", help="process what is there and end")
    parser.add_argument(
        "--starting", choices=("earliest", "latest"), default="earliest",
        help="where a workload begins that never ran; later it goes on from what it committed",
    )  # fmt: skip
    parser.add_argument("--scorer", help="one of the workload's scorers; empty: as the settings say")
    return parser.parse_args(arguments)


def prepare_stop() -> threading.Event:
    """The flag that asks to drain, set by a signal to this process or to its JVM."""
    stop = stop_flag()
    if "PYSPARK_GATEWAY_PORT" in os.environ:  # a child of spark-submit
        watch_parent(stop)
    SparkContext._ensure_initialized()
    watch_jvm(stop, SparkContext._gateway)
    return stop


def run(options: argparse.Namespace, settings: Settings, stop: threading.Event) -> int:
    workload = workload_named(options.workload, settings)
    workload.check_settings()
    scorer_name(workload, settings, options.scorer)  # a wrong name is refused before anything is waited for
    lease = Lease(settings, workload.name)
    if not acquire(lease, settings, stop, wanted=not options.available_now):
        return 0
    with renewed(lease):
        scorer = scorer_name(workload, settings, asked_scorer(options, settings))
        spark = make_session(f"stream {workload.name}", settings)
        spark.sparkContext.setLogLevel("WARN")  # Spark tells every batch's plan otherwise
        try:
            application = Application(
                spark, settings, workload, scorer, lease, stop, options.starting, options.available_now
            )
            application.run()
        finally:
            spark.stop()
    return 0


def asked_scorer(options: argparse.Namespace, settings: Settings) -> str | None:
    """The scorer of the command line, else for a lasting stream the one that its last ``ensure`` chose."""
    if options.scorer or options.available_now:
        return options.scorer
    with connect(settings) as connection:
        return chosen_scorer(connection, options.workload)


def acquire(lease: Lease, settings: Settings, stop: threading.Event, *, wanted: bool) -> bool:
    """Take the lease, waiting for the database where need be; False where told to stop meanwhile.

    ``wanted``: note that this workload is to run, for those who watch it.

    Raises:
        LeaseHeld: another copy runs.
    """
    patience = Patience("the database", stop.wait, longest=5)
    deadline = time.monotonic() + GRACE_SECONDS
    while not stop.is_set():
        try:
            with connect(settings) as connection:
                require_current_schema(connection)
                lease.acquire(connection)
                if wanted:
                    want(connection, lease.workload, running=True)
            return True
        except LeaseHeld:
            if time.monotonic() > deadline:
                raise
            stop.wait(0.5)
        except UserError:  # an answer, which waiting does not change
            raise
        except psycopg.OperationalError as problem:
            patience.wait(problem)
    return False


if __name__ == "__main__":
    sys.exit(main())
