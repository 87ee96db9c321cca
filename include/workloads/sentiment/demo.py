"""``make demo WORKLOAD=sentiment``: messages, both versions, changes of shares, what people are to see."""

from __future__ import annotations

import itertools
import threading
from typing import LiteralString

from include.infra.postgres.connection import connect
from include.infra.waiting import until
from include.settings import Settings
from include.streaming.demonstration import Demonstration
from include.workloads.sentiment.base.settings import sentiment_settings
from include.workloads.sentiment.producer import Sender, made_up

FIRST, MORE = 500, 500
PATIENCE = 300.0
_ROWS: LiteralString = "SELECT count(*) FROM sentiment"


def demo(shown: Demonstration) -> None:
    """Run the workload's life once; a second time goes on from the first.

    Raises:
        RuntimeError: a run failed, or the messages do not arrive.
    """
    settings, say = shown.settings, shown.say
    say("starting the stream of sentiment, with both services")
    shown.run_dag("stream_classifier", {"workload": "sentiment", "action": "ensure"})
    _share(shown, {"version_a": 0.8, "version_b": 0.2}, "the demo begins with four fifths and one")
    _send(shown, FIRST)
    _share(shown, {"version_a": 0.5, "version_b": 0.5}, "the demo shows half and half")
    _send(shown, MORE)
    _share(shown, {"version_b": 1.0}, "the demo gives version B everything, by its evidence")
    _share(shown, {"version_a": 0.8, "version_b": 0.2}, "the demo goes back")
    own = sentiment_settings()
    (emotional,) = _ask(
        settings,
        "SELECT count(*) FROM sentiment_case"
        " WHERE answered_at IS NULL AND (abs(compound) >= %s OR neg >= %s)",
        [own.min_compound, own.min_neg],
    )
    say(f"{emotional} messages wait for a person on http://{settings.host}:{settings.inbox_port}")
    say("the stream goes on; the DAG stream_classifier with action drain ends it")


def _send(shown: Demonstration, count: int) -> None:
    """Send made-up messages, and wait until all of them are scored."""
    settings = shown.settings
    (before,) = _ask(settings, _ROWS)
    shown.say(f"sending {count} made-up messages")
    Sender(settings, 0.0, threading.Event(), shown.say).send(itertools.islice(made_up(), count))
    if not until(lambda: _ask(settings, _ROWS)[0] >= before + count, PATIENCE):
        raise RuntimeError(f"{count} messages were not scored within {PATIENCE:.0f} s: see make logs")
    shown.say(f"scored so far, by version: {_by_version(settings)}")


def _share(shown: Demonstration, shares: dict[str, float], reason: str) -> None:
    shown.say(f"set_traffic_share: {shares}")
    shown.run_dag(
        "set_traffic_share",
        {"workload": "sentiment", "shares": shares, "changed_by": "demo", "reason": reason},
    )


def _by_version(settings: Settings) -> str:
    with connect(settings) as connection:
        rows = connection.execute("SELECT model_version, count(*) FROM sentiment GROUP BY 1 ORDER BY 1")
        return ", ".join(f"{version} {count}" for version, count in rows)


def _ask(settings: Settings, query: LiteralString, values: list[float] | None = None) -> tuple[int, ...]:
    with connect(settings) as connection:
        row = connection.execute(query, values).fetchone()
    assert row is not None
    return row
