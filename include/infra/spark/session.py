"""Spark sessions, and how a Spark application starts and ends."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from pyspark.sql import SparkSession

from include.console.command import complain, show
from include.errors import OUTAGE_EXIT_CODE, USER_ERROR_EXIT_CODE, UserError
from include.infra.kafka.admin import BrokerUnavailable
from include.infra.spark.jars import spark_jars
from include.settings import Settings
from include.task_log import counted, log_result

DEFAULTS = {
    "spark.sql.shuffle.partitions": "32",  # before AQE joins small ones; raise it by --conf on a cluster
    "spark.sql.execution.arrow.maxRecordsPerBatch": "4096",
    "spark.sql.session.timeZone": "UTC",
    # Of what Spark shows of a source's options; Kafka's log-in and key are among them.
    "spark.sql.redaction.options.regex": "(?i)url|password|jaas|keystore",
}
"""Settings of a session that ``--conf`` on the command line, or the connection's, may replace."""


def make_session(name: str, settings: Settings) -> SparkSession:
    """Start, or get, the session. Master, memory and jars are the command line's: see ``spark-submit``.

    Everything is read and written in UTC, whatever the machine's time zone.
    """
    spark = SparkSession.builder.appName(f"tweetsieve {name}").getOrCreate()
    given = spark.sparkContext.getConf()
    for key, value in DEFAULTS.items():
        if not given.contains(key):
            spark.conf.set(key, value)
    return spark


@contextmanager
def local_session(name: str, settings: Settings) -> Iterator[SparkSession]:
    """A session inside this process, on one core; one that runs already is used, and left running.

    It has the jars of every other session: a process keeps the class path of its first one for good.
    """
    running = SparkSession.getActiveSession() is not None
    jars = ",".join(str(jar) for jar in spark_jars(settings))
    builder = SparkSession.builder.master("local[1]").config("spark.jars", jars)
    builder.config("spark.ui.enabled", "false").getOrCreate()
    spark = make_session(name, settings)
    try:
        yield spark
    finally:
        if not running:
            spark.stop()


def run_application(name: str, settings: Settings, job: Callable[[SparkSession], dict[str, Any]]) -> int:
    """Run one job in a new session and print its summary: in words, and as the last line as one JSON object.

    Returns the process's exit code. An error that a person has to fix ends in one line on standard
    error and code 2, without a stack trace, and is not tried again. A database or broker that does not
    answer ends in one line and code 1: the next try may reach it.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    logging.getLogger("py4j").setLevel(logging.WARNING)
    try:
        spark = make_session(name, settings)
        try:
            summary = job(spark)
        finally:
            spark.stop()
    except UserError as error:
        complain(str(error))
        return USER_ERROR_EXIT_CODE
    except (psycopg.OperationalError, BrokerUnavailable) as outage:
        complain(str(outage).strip(), "outage")
        return OUTAGE_EXIT_CODE
    log_result(f"{name}: {counted(summary)}")
    show(json.dumps({"application": name, **summary}, sort_keys=True))
    return 0
