"""What the monitor raises: an alert, and the thresholds beyond which a workload's state is one."""

from __future__ import annotations

from dataclasses import dataclass, fields

from include.settings import Settings
from include.streaming.workload import Limits


@dataclass(frozen=True)
class Alert:
    """What is wrong. ``kind`` and ``subject`` tell one incident from another, ``message`` is for people."""

    kind: str
    subject: str
    message: str


@dataclass(frozen=True)
class Thresholds:
    """Beyond each of these a workload's state is an alert.

    Attributes:
        no_progress_seconds: how long messages wait and no batch is committed.
        silence_seconds: how long a stream that is to run reports nothing.
        lag: messages that wait.
        dead_letter_rate: share of the last five minutes' messages that became dead letters, 0 to 1.
        quiet_seconds: how long an alert must not have been seen until its incident is over.
    """

    no_progress_seconds: float
    silence_seconds: float
    lag: int
    dead_letter_rate: float
    quiet_seconds: float


def thresholds(limits: Limits, settings: Settings) -> Thresholds:
    """A workload's own limits, completed by the settings ``alert_<name>``.

    >>> thresholds(Limits(lag=5_000_000), Settings(_env_file=None, alert_silence_seconds=60))
    Thresholds(no_progress_seconds=120..., silence_seconds=60.0, lag=5000000, ...)
    """
    own = {limit.name: getattr(limits, limit.name) for limit in fields(Limits)}
    return Thresholds(
        **{
            name: getattr(settings, f"alert_{name}") if value is None else value
            for name, value in own.items()
        }
    )
