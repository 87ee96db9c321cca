"""``make demo WORKLOAD=spark_ml``: train, put into service, score made-up rows live, and tell what came."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx

from include.infra.postgres.connection import connect
from include.infra.waiting import until
from include.settings import Settings
from include.streaming.demonstration import Demonstration
from include.workloads.spark_ml.base.settings import spark_ml_settings
from include.workloads.spark_ml.stream.sinks import folder

ROWS = 50_000
PATIENCE_SECONDS = 600.0

_TOTALS = """
SELECT coalesce(sum(posts), 0)::bigint, coalesce(sum((counts ->> 'signal')::bigint), 0)::bigint,
       coalesce(sum(dead_letters), 0)::bigint,
       coalesce(sum((counts ->> 'source_errors')::bigint), 0)::bigint
FROM stream_commit WHERE workload = 'spark_ml' AND committed_at >= %s
"""
INCIDENT = 'tweetsieve_stream_incidents_open{kind="source error",workload="spark_ml"}'
"""The metric of the monitor that shows an alert."""


def demo(stack: Demonstration) -> None:
    """Run it on a local stack.

    Raises:
        RuntimeError, TimeoutError: a step failed, or took too long.
    """
    stack.say("training the pipeline by cross-validation on made-up rows")
    stack.run_dag("train_spark_ml", {"rows": 20_000, "serve": "always"})
    stack.say("starting the stream on made-up rows, one of 20,000 of which reports an error")
    since = datetime.now(UTC)
    stack.run_dag("stream_classifier", {"workload": "spark_ml", "action": "ensure", "feed": "rows"})
    if not until(lambda: _asked(stack.settings, since)[0] >= ROWS, PATIENCE_SECONDS, every=1):
        raise TimeoutError(f"fewer than {ROWS:,} rows within {PATIENCE_SECONDS:g} s; see `make logs`")
    rows, signal, dead, errors = _asked(stack.settings, since)
    stack.say(
        f"{rows:,} rows, {signal:,} of them signal, {dead:,} dead letters, {errors} errors of the source"
    )
    metrics = f"http://{stack.settings.host}:{stack.settings.monitor_port}/metrics"
    if not until(lambda: INCIDENT in httpx.get(metrics).text, PATIENCE_SECONDS, every=1):
        raise TimeoutError("the monitor raised no alert of the source's errors; see `make logs`")
    stack.say("the monitor alerted the source's error: to its log, and to where TWEETSIEVE_ALERT_* name")
    for form in ("parquet", "csv"):
        if form in spark_ml_settings().sinks:
            stack.say(f"{form} files, a folder for each committed batch: {folder(form, stack.settings)}")


def _asked(settings: Settings, since: datetime) -> tuple[int, ...]:
    """Rows, those of them that are signal, dead letters, and errors of the source."""
    with connect(settings) as connection:
        row = connection.execute(_TOTALS, [since]).fetchone()
    assert row is not None
    return row
