"""A workload of the streaming engine: what differs from one to another, as data and small functions.

``docs/workloads.md`` is the guide for those who add one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from pydantic_settings import BaseSettings

from include.settings import Settings, read_settings
from include.streaming.decoding import Decode
from include.streaming.demonstration import Demo
from include.streaming.evidence import GatherEvidence
from include.streaming.programs import Producer, Program
from include.streaming.results import BadWorkload, Results
from include.streaming.samples import Samples
from include.streaming.scorer_choices import SavedModel, ScorerChoice, TfServing
from include.streaming.sink_choices import SinkChoice, ToPostgres
from include.streaming.traffic_shares import check_shares

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from include.promotion.subjects.subject import Subject

NAME = re.compile(r"[a-z][a-z0-9_]{0,23}")
"""Names of staging tables begin with it, and Postgres cuts a name off after 63 letters."""


@dataclass(frozen=True)
class Transform:
    """Processing inside Spark's JVM, such as a Spark ML pipeline, in place of decoder and scorer.

    Attributes:
        run: from the messages of a batch (``topic``, ``partition``, ``offset``, ``timestamp``, ``key``,
            ``value``) to a frame that still has these columns, and those of the results.
        failed: the column of text that says why a message can't be processed, null where it can. Such a
            row becomes a dead letter; its other columns may be null.
        drops: it may leave messages out. Otherwise a batch with fewer rows than messages fails.
        reported: the column of text by which a message's source reports an error of its own, null where it
            reports none; it is alerted, and its row goes where it goes without it. Make it short, and of few
            different texts. None: there is no such column.
        ready: why a batch can't be processed yet, such as without a model in service; None where it can.
            A query starts once it can.
    """

    run: Callable[[DataFrame, Settings], DataFrame]
    failed: str = "failed"
    drops: bool = False
    reported: str | None = None
    ready: Callable[[Settings], str | None] = lambda settings: None


@dataclass(frozen=True)
class Route:
    """How messages are shared out among scorers: by the hash of a key, so that a message that is processed
    again goes where it went before.

    Attributes:
        key: the decoder's column (text) that is hashed; None means the Kafka message's key.
        shares: of the scorers, by name, in their order; they add up to 1. What the table ``traffic_share``
            says replaces them. Empty: one scorer gets all, and the key only picks a canary's messages.
    """

    key: str | None
    shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Trigger:
    """When a batch starts, and how many messages it takes at most.

    A batch bounds what is processed again after a crash, and how long a drain takes.
    """

    interval: str = "500 milliseconds"
    max_messages: int = 200_000


@dataclass(frozen=True)
class Limits:
    """Thresholds of a workload's alerts; None means that of the setting ``alert_<name>``."""

    no_progress_seconds: float | None = None
    silence_seconds: float | None = None
    lag: int | None = None
    dead_letter_rate: float | None = None
    quiet_seconds: float | None = None


@dataclass(frozen=True)
class Promotion:
    """What ``promote_model`` needs to know of a workload's model.

    Attributes:
        subject: how it is asked and judged.
        limits: of the gate, other than the defaults.
    """

    subject: Subject
    limits: Mapping[str, float] = field(default_factory=dict)


SourceError: TypeAlias = Callable[[bytes], str | None]


@dataclass(frozen=True)
class Workload:
    """One configuration of the streaming engine.

    Either ``decode`` with ``scorers``, or ``transform``.

    Attributes:
        name: key of its rows in the tables of the stream; that of its folder.
        topics: names of the topics it reads, each once.
        results: what it writes.
        decode: from the messages' values to the scorer's inputs.
        scorers: by name, the one that is used by default first.
        transform: the other way to process a batch.
        route: how messages are shared out among the scorers.
        sinks: where results go; several take the same rows. A function of the settings where they choose.
        trigger: pace and size of its batches.
        limits: thresholds of its alerts.
        source_error: what the source itself reports, for an alert, in a message that the decoder refuses
            with the reason SOURCE_ERROR; None where it reports nothing.
        promoted: its model is put into service by ``promote_model``, so that it may have a canary.
        promotion: how its model is judged there and verified; needed where it is promoted and is no
            classifier of posts.
        checkpoint: generation of Spark's checkpoint; raised when an upgrade can't read the last one's. The
            committed positions, not the checkpoint, decide where a new one starts.
        settings: its own settings, read from ``TWEETSIEVE_<NAME>_<FIELD>``; the class lives in its folder.
        services: programs that its scorer needs: they start before the stream and stop after it.
        producers: ways by which its live messages come, by name; the Param ``feed`` chooses one.
        samples: its messages for the drill and the benchmark; a function, so that they load when needed.
        evidence: what has to be shown before a scorer gets all messages, other than the first of the route;
            None: nothing.
        demo: what ``make demo WORKLOAD=<name>`` runs on the local stack.

    Raises:
        BadWorkload: the parts contradict each other.
    """

    name: str
    topics: Callable[[Settings], tuple[str, ...]]
    results: Results
    decode: Decode | None = None
    scorers: Mapping[str, ScorerChoice] = field(default_factory=dict)
    transform: Transform | None = None
    route: Route | None = None
    sinks: tuple[SinkChoice, ...] | Callable[[Settings], tuple[SinkChoice, ...]] = (ToPostgres(),)
    trigger: Trigger = Trigger()
    limits: Limits = Limits()
    source_error: SourceError | None = None
    promoted: bool = False
    promotion: Callable[[], Promotion] | None = None
    checkpoint: int = 1
    settings: type[BaseSettings] | None = None
    services: tuple[Program, ...] = ()
    producers: Mapping[str, Producer] = field(default_factory=dict)
    samples: Callable[[], Samples] | None = None
    evidence: GatherEvidence | None = None
    demo: Demo | None = None

    def __post_init__(self) -> None:
        problem = _contradiction(self)
        if problem:
            raise BadWorkload(f"workload {self.name!r}: {problem}")

    def check_settings(self) -> None:
        """Refuse settings of the workload's own that mean nothing; where the stream is started.

        Raises:
            SettingsError: naming each, and what it allows.
        """
        if self.settings is not None:
            read_settings(self.settings)

    def sinks_of(self, settings: Settings) -> tuple[SinkChoice, ...]:
        """Where results go by these settings."""
        return self.sinks(settings) if callable(self.sinks) else self.sinks

    def checkpoint_dir(self, settings: Settings) -> Path:
        """``<state>/checkpoints/<workload>/v<generation>``."""
        return settings.state_dir.absolute() / "checkpoints" / self.name / f"v{self.checkpoint}"


def _contradiction(workload: Workload) -> str | None:
    """What is wrong with a declaration; None where nothing is."""
    if not NAME.fullmatch(workload.name):
        return "a name is up to 24 lower-case letters, digits and underscores, a letter first"
    if workload.transform is not None:
        if workload.scorers or workload.decode or workload.route:
            return "give transform, or decode with scorers (and a route), not both"
    elif not workload.scorers or workload.decode is None:
        return "give decode and at least one scorer, or transform"
    if not workload.sinks:
        return "give at least one sink"
    if workload.promoted:
        return _why_not_promoted(workload)
    if workload.promotion:
        return "promotion is for a workload that says promoted=True"
    if workload.evidence and not (workload.route and workload.route.shares):
        return "evidence is for a workload whose route declares shares"
    if workload.route and workload.route.shares:
        if unknown := set(workload.route.shares) - set(workload.scorers):
            return f"its route names scorers it does not have: {', '.join(sorted(unknown))}"
        check_shares(list(workload.route.shares.values()))
    return None


def _why_not_promoted(workload: Workload) -> str | None:
    """Why its model can't go through promotion; None where it can."""
    if not all(isinstance(scorer, TfServing | SavedModel) for scorer in workload.scorers.values()):
        return "only a model behind TfServing or SavedModel can be promoted"
    if workload.route is None or workload.route.shares:
        return "a promoted workload has a route without shares: its key picks the messages of a canary"
    return None
