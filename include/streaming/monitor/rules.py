"""When a workload is in trouble: one rule each, from a reading to what there is to say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from include.posts.source_errors import error_of
from include.settings import Settings
from include.streaming.monitor.snapshot import WINDOW_SECONDS, Reading

FEWEST_DEAD_LETTERS = 10
"""Fewer tell nothing about a rate."""

MOST_ERRORS = 50
"""More different ones at once are one trouble, so that a source gone mad calls nobody a thousand times."""


@dataclass(frozen=True)
class Trouble:
    """What is wrong. ``kind`` and ``subject`` tell one incident from another, ``message`` is for people."""

    kind: str
    subject: str
    message: str


def troubles(reading: Reading, settings: Settings) -> list[Trouble]:
    """All that is wrong with a workload, by its reading."""
    return [trouble for rule in RULES for trouble in rule(reading, settings)]


def ended(reading: Reading, settings: Settings) -> Iterator[Trouble]:
    """The stream is to run and says nothing, not even that it waits."""
    limit = settings.alert_silence_seconds
    if reading.wanted and reading.silence is not None and reading.silence > limit:
        last = f"its last word was {reading.status!r}" if reading.status else "it never said a word"
        yield Trouble("query ended", "", f"no sign of life for more than {limit:.0f} s; {last}")


def no_progress(reading: Reading, settings: Settings) -> Iterator[Trouble]:
    """Posts wait, and none has been committed for too long."""
    limit = settings.alert_no_progress_seconds
    if reading.wanted and reading.stuck > limit:
        waiting = "an unknown number of" if reading.lag is None else f"{reading.lag:,}"
        yield Trouble(
            "no progress", "", f"{waiting} posts wait and none was committed for more than {limit:.0f} s; "
            f"the stream says: {reading.status}"
        )  # fmt: skip


def lag(reading: Reading, settings: Settings) -> Iterator[Trouble]:
    """Too many posts wait."""
    if reading.lag is not None and reading.lag > settings.alert_lag:
        yield Trouble("lag", "", f"{reading.lag:,} posts wait, more than {settings.alert_lag:,}")


def dead_letter_rate(reading: Reading, settings: Settings) -> Iterator[Trouble]:
    """Too large a share of the posts can't be classified."""
    rate, limit = reading.dead_letter_rate, settings.alert_dead_letter_rate
    if reading.dead_letters >= FEWEST_DEAD_LETTERS and rate > limit:
        yield Trouble(
            "dead letters", "", f"{rate:.1%} of {reading.posts + reading.dead_letters:,} posts within "
            f"{WINDOW_SECONDS // 60} minutes became dead letters, more than {limit:.1%}"
        )  # fmt: skip


def source_errors(reading: Reading, settings: Settings) -> Iterator[Trouble]:
    """The source itself reports errors; each different one is a trouble of its own."""
    told = dict.fromkeys(filter(None, map(_told, reading.source_errors)))
    if len(told) > MOST_ERRORS:
        yield Trouble("source errors", "", f"the source reports more than {MOST_ERRORS} different errors")
        return
    for error in told:
        yield Trouble("source error", error, f"the source reports: {error}")


def _told(raw: bytes) -> str | None:
    """The error's text; what only Python's JSON reads was a source error as well, of unknown words."""
    try:
        payload: Any = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return "an error in broken JSON"
    return error_of(payload) if isinstance(payload, dict) else None


Rule = Callable[[Reading, Settings], Iterator[Trouble]]
RULES: tuple[Rule, ...] = (ended, no_progress, lag, dead_letter_rate, source_errors)
