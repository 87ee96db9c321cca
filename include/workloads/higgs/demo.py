"""``make demo WORKLOAD=higgs``: train, promote, score made-up events live, and tell what came of them."""

from __future__ import annotations

from datetime import UTC, datetime

from include.infra.postgres.connection import connect
from include.infra.waiting import until
from include.settings import Settings
from include.streaming.demonstration import Demonstration

TRAINING = {"events": 20_000, "epochs": 8}
BATCHES = 3
PATIENCE_SECONDS = 600.0

_TOTALS = """
SELECT count(*), coalesce(sum(posts), 0)::bigint, coalesce(sum((counts ->> 'signal')::bigint), 0)::bigint,
       coalesce(sum(dead_letters), 0)::bigint
FROM stream_commit WHERE workload = 'higgs' AND posts > 0 AND committed_at >= %s
"""


def demo(stack: Demonstration) -> None:
    """Run it on a local stack.

    Raises:
        RuntimeError, TimeoutError: a step failed, or took too long.
    """
    stack.say(f"training the network on {TRAINING['events']:,} made-up events")
    stack.run_dag("train_higgs", dict(TRAINING))
    stack.say("promoting the model")
    conf = {"workload": "higgs", "reason": "make demo"}
    stack.run_dag("promote_model", conf, approve="the demo looks at what its own model does")
    stack.say("starting the stream on made-up events")
    since = datetime.now(UTC)
    stack.run_dag("stream_classifier", {"workload": "higgs", "action": "ensure", "feed": "events"})
    _await_batches(stack, since)


def _await_batches(stack: Demonstration, since: datetime) -> None:
    """Wait until some batches are committed; a line for each new count."""
    told = 0

    def enough() -> bool:
        nonlocal told
        batches, events, signal, dead = _totals(stack.settings, since)
        if batches != told:
            told = batches
            share = signal / max(1, events)
            stack.say(
                f"{batches} batches: {events:,} events, {signal:,} of them signal ({share:.1%}), "
                f"{dead:,} dead letters"
            )
        return batches >= BATCHES

    if not until(enough, PATIENCE_SECONDS, every=1):
        raise TimeoutError(f"{told} of {BATCHES} batches within {PATIENCE_SECONDS:g} s; see `make logs`")


def _totals(settings: Settings, since: datetime) -> tuple[int, int, int, int]:
    """Batches, events, those kept as signal, and dead letters."""
    with connect(settings) as connection:
        row = connection.execute(_TOTALS, [since]).fetchone()
    assert row is not None
    return row
