"""``make demo WORKLOAD=spark_ml``: train, put into service, score made-up rows live, and tell what came."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import LiteralString

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
_TOLD = """
SELECT count(*) FROM stream_incident
WHERE workload = 'spark_ml' AND kind = 'source error' AND cardinality(told) > 0 AND seen_at >= %s
"""


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
    if not until(lambda: _asked(stack.settings, _TOTALS, since)[0] >= ROWS, PATIENCE_SECONDS, every=1):
        raise TimeoutError(f"fewer than {ROWS:,} rows within {PATIENCE_SECONDS:g} s; see `make logs`")
    rows, signal, dead, errors = _asked(stack.settings, _TOTALS, since)
    stack.say(
        f"{rows:,} rows, {signal:,} of them signal, {dead:,} dead letters, {errors} errors of the source"
    )
    if not until(lambda: _asked(stack.settings, _TOLD, since)[0] > 0, PATIENCE_SECONDS, every=1):
        raise TimeoutError("the monitor told nobody of the source's errors; see `make logs`")
    stack.say("the error of the source was alerted: see the monitor's log")
    for form in ("parquet", "csv"):
        if form in spark_ml_settings().sinks:
            stack.say(f"{form} files, a folder for each committed batch: {folder(form, stack.settings)}")


def _asked(settings: Settings, query: LiteralString, since: datetime) -> tuple[int, ...]:
    with connect(settings) as connection:
        row = connection.execute(query, [since]).fetchone()
    assert row is not None
    return row
