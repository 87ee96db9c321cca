"""Workloads of the streaming application: what differs between them is declared here, as data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from include.errors import UserError
from include.settings import Settings


@dataclass(frozen=True)
class TfServing:
    """Asks a server that speaks TF Serving's REST API, ``batch`` texts per request."""

    batch: int = 1024
    timeout: float = 30.0
    """Seconds until a request counts as unanswered."""
    label: str | None = "stable"
    """The version label that promotion moves; a candidate served beside it is not asked."""


@dataclass(frozen=True)
class SavedModel:
    """Runs the promoted model inside each Spark Python worker, ``batch`` texts per call."""

    batch: int = 4096
    refresh: float = 5.0
    """Seconds between two looks at which version is in service."""


@dataclass(frozen=True)
class PostgresSink:
    """The tables ``ai_tweets``, ``links`` and ``dead_letter``, exactly once."""


@dataclass(frozen=True)
class Trigger:
    """When a batch starts, and how many messages it takes at most.

    A batch bounds what is done again after a crash, and how long a drain takes.
    """

    interval: str = "500 milliseconds"
    max_messages: int = 100_000


@dataclass(frozen=True)
class Workload:
    """One declared configuration of the streaming application.

    Attributes:
        name: key of its rows in ``stream_commit``, ``stream_progress`` and ``stream_lease``.
        topic_settings: names of the settings that hold the topics it reads.
        scorer: what gives each post its probability.
        sink: where results go.
        trigger: pace and size of its batches.
        checkpoint: generation of Spark's checkpoint; raised when an upgrade can't read the last
            one's. The committed positions, not the checkpoint, decide where a new one starts.
    """

    name: str
    topic_settings: tuple[str, ...]
    scorer: TfServing | SavedModel
    sink: PostgresSink = PostgresSink()
    trigger: Trigger = Trigger()
    checkpoint: int = 1

    def topics(self, settings: Settings) -> tuple[str, ...]:
        """The topics' names, each once."""
        return tuple(dict.fromkeys(getattr(settings, name) for name in self.topic_settings))

    def checkpoint_dir(self, settings: Settings) -> Path:
        """``<state>/checkpoints/<workload>/v<generation>``."""
        return settings.state_dir.absolute() / "checkpoints" / self.name / f"v{self.checkpoint}"


WORKLOADS = {
    workload.name: workload
    for workload in (Workload("ai_tweets", topic_settings=("ai_topic", "mix_topic"), scorer=TfServing()),)
}

SCORERS: dict[str, TfServing | SavedModel] = {"tf_serving": TfServing(), "saved_model": SavedModel()}
"""Scorers by the name with which a command may replace a workload's own."""


class UnknownWorkload(UserError):
    """A workload that is not declared."""


def workload_named(name: str) -> Workload:
    """The declared workload.

    >>> workload_named("ai_tweets").topic_settings
    ('ai_topic', 'mix_topic')

    Raises:
        UnknownWorkload: listing the ones there are.
    """
    try:
        return WORKLOADS[name]
    except KeyError:
        raise UnknownWorkload(f"workload {name!r} is none of: {', '.join(WORKLOADS)}") from None
