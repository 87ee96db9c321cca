"""When a workload's state is an alert: one rule each, from a snapshot to the alerts that it raises."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from include.streaming.monitor.alerts import Alert, Thresholds
from include.streaming.monitor.snapshot import WINDOW_SECONDS, StreamSnapshot

FEWEST_DEAD_LETTERS = 10
"""With fewer the rate means nothing."""

MOST_ERRORS = 50
"""More different source errors at once become one alert, so that a broken source does not cause thousands."""


def alerts(snapshot: StreamSnapshot, limits: Thresholds) -> list[Alert]:
    """Every alert that a workload's state raises."""
    return [alert for rule in RULES for alert in rule(snapshot, limits)]


def ended(snapshot: StreamSnapshot, limits: Thresholds) -> Iterator[Alert]:
    """The stream is to run and reports nothing, not even that it waits."""
    limit = limits.silence_seconds
    if snapshot.wanted and snapshot.silence is not None and snapshot.silence > limit:
        last = f"its last report was {snapshot.status!r}" if snapshot.status else "it never reported anything"
        yield Alert("query ended", "", f"no sign of life for more than {limit:.0f} s; {last}")


def no_progress(snapshot: StreamSnapshot, limits: Thresholds) -> Iterator[Alert]:
    """Messages wait, and none has been committed for too long."""
    limit = limits.no_progress_seconds
    if snapshot.wanted and snapshot.stuck > limit:
        waiting = "an unknown number of" if snapshot.lag is None else f"{snapshot.lag:,}"
        yield Alert(
            "no progress", "", f"{waiting} messages wait and none was committed for more than {limit:.0f} s; "
            f"the stream reports: {snapshot.status}"
        )  # fmt: skip


def lag(snapshot: StreamSnapshot, limits: Thresholds) -> Iterator[Alert]:
    """Too many messages wait."""
    if snapshot.lag is not None and snapshot.lag > limits.lag:
        yield Alert("lag", "", f"{snapshot.lag:,} messages wait, more than {limits.lag:,}")


def dead_letter_rate(snapshot: StreamSnapshot, limits: Thresholds) -> Iterator[Alert]:
    """Too large a share of the messages can't be processed."""
    rate, limit = snapshot.dead_letter_rate, limits.dead_letter_rate
    if snapshot.dead_letters >= FEWEST_DEAD_LETTERS and rate > limit:
        yield Alert(
            "dead letters", "", f"{rate:.1%} of {snapshot.posts + snapshot.dead_letters:,} messages within "
            f"{WINDOW_SECONDS // 60} minutes became dead letters, more than {limit:.1%}"
        )  # fmt: skip


def lost_messages(snapshot: StreamSnapshot, limits: Thresholds) -> Iterator[Alert]:
    """Kafka deleted messages before they were read; each loss is an alert."""
    if len(snapshot.losses) > MOST_ERRORS:
        yield Alert(
            "lost messages", "", f"more than {MOST_ERRORS} losses at once; the table stream_loss has them"
        )
        return
    for loss in snapshot.losses:
        yield Alert(
            "lost messages", loss, f"Kafka's retention deleted what was not read yet, {loss}; raise the "
            "topic's retention, or keep the stream from falling so far behind"
        )  # fmt: skip


def source_errors(snapshot: StreamSnapshot, limits: Thresholds) -> Iterator[Alert]:
    """The source itself reports errors; each different one is an alert."""
    errors = dict.fromkeys(snapshot.source_errors)
    if len(errors) > MOST_ERRORS:
        yield Alert("source errors", "", f"the source reports more than {MOST_ERRORS} different errors")
        return
    for error in errors:
        yield Alert("source error", error, f"the source reports: {error}")


Rule = Callable[[StreamSnapshot, Thresholds], Iterator[Alert]]
RULES: tuple[Rule, ...] = (ended, no_progress, lag, dead_letter_rate, lost_messages, source_errors)
