"""Workloads of the streaming application: what differs between them is declared here, as data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from include.errors import UserError
from include.settings import Settings
from include.streaming.traffic_shares import check_shares

Schema = Literal["post"]
"""Forms of messages: ``post``, JSON of any source that :mod:`include.posts` knows."""


@dataclass(frozen=True)
class TfServing:
    """Asks a server that speaks TF Serving's REST API.

    Attributes:
        batch: texts per request, at most; the scorer finds the best number up to it by itself.
        in_flight: requests that a task has under way at once, at most.
        timeout: seconds until a request counts as unanswered.
        label: the version label that promotion moves; a candidate served beside it is not asked.
    """

    batch: int = 4096
    in_flight: int = 4
    timeout: float = 30.0
    label: str | None = "stable"


@dataclass(frozen=True)
class SavedModel:
    """Runs the promoted model inside each Spark Python worker, ``batch`` texts per call."""

    batch: int = 8192
    refresh: float = 5.0
    """Seconds between two looks at which version is in service."""


@dataclass(frozen=True)
class Split:
    """Several scorers, each with its share of the posts by the hash of their ids.

    >>> Split(((TfServing(label="canary"), 0.2), (TfServing(), 0.8))).parts[0][1]
    0.2

    Raises:
        BadShares: the shares don't add up to 1.
    """

    parts: tuple[tuple[TfServing | SavedModel, float], ...]

    def __post_init__(self) -> None:
        check_shares([share for _, share in self.parts])


ScorerChoice = TfServing | SavedModel | Split


@dataclass(frozen=True)
class PostgresSink:
    """The tables ``ai_tweets``, ``links`` and ``dead_letter``, exactly once."""


@dataclass(frozen=True)
class FileSink:
    """A folder per batch, whole or absent: done again, a batch replaces its own folder.

    The commit row and dead letters go to Postgres. ``folder``: on a disk that all executors share;
    None means ``<state>/results/<workload>``.
    """

    format: Literal["parquet", "csv"] = "parquet"
    folder: Path | None = None


@dataclass(frozen=True)
class KafkaSink:
    """A topic of JSON, at least once: what is done again is there again, under the same key.

    The key is ``topic/partition/offset`` of the post, so that a reader, or log compaction, can drop
    what comes twice. The commit row and dead letters go to Postgres.
    """

    topic: str


SinkChoice = PostgresSink | FileSink | KafkaSink


@dataclass(frozen=True)
class Trigger:
    """When a batch starts, and how many messages it takes at most.

    A batch bounds what is done again after a crash, and how long a drain takes.
    """

    interval: str = "500 milliseconds"
    max_messages: int = 200_000


@dataclass(frozen=True)
class Workload:
    """One declared configuration of the streaming application.

    Attributes:
        name: key of its rows in ``stream_commit``, ``stream_progress`` and ``stream_lease``.
        topic_settings: names of the settings that hold the topics it reads.
        scorer: what gives each post its probability.
        schema: form of the messages.
        sink: where results go.
        trigger: pace and size of its batches.
        checkpoint: generation of Spark's checkpoint; raised when an upgrade can't read the last
            one's. The committed positions, not the checkpoint, decide where a new one starts.
    """

    name: str
    topic_settings: tuple[str, ...]
    scorer: ScorerChoice
    schema: Schema = "post"
    sink: SinkChoice = PostgresSink()
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
