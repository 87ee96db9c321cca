"""Messages of a workload for the drill and the benchmark: what they send, and how they check the results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Message: TypeAlias = Callable[[int], bytes]
"""The same number always gives the same message."""


@dataclass(frozen=True)
class Samples:
    """How to make a workload's messages.

    Attributes:
        valid: number -> a message that the workload scores.
        malformed: number -> a message that becomes a dead letter before any model sees it.
        key: number -> the Kafka message's key; None: without keys.
        source_error: text -> a message by which the source reports an error with this text; None where the
            workload's sources report none.
        large: number -> a message as large as the workload still scores; None: the drill sends none.
        ordinary_delay: SQL for the seconds within which 95 of 100 messages that are not large were in the
            table, of those since a time (``%s``, seconds since 1970); goes with ``large``.
        model: a module, run as ``python -m <model> <version>`` with the settings in the environment, that
            puts a small model of the workload's signature into service; None where the scorer needs none.
        checks: name -> SQL that counts wrong rows of the database, 0 where the results are right; beside what
            holds for every workload: each position in one place, once.
    """

    valid: Message
    malformed: Message
    key: Message | None = None
    source_error: Callable[[str], bytes] | None = None
    large: Message | None = None
    ordinary_delay: str | None = None
    model: str | None = None
    checks: Mapping[str, str] = field(default_factory=dict)
