"""A rollout, step by step: publish, load, canary, serve, each verified; on any failure, undo.

Whoever works on it calls ``go_on`` until it returns True: one process in a loop, an Airflow worker that is
released while there is only something to wait for, or the worker that takes over from one that was killed.
Every step may be taken again.
"""

from __future__ import annotations

import logging
import operator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tenacity import Retrying, retry_if_result, wait_fixed

from include.promotion.approved import ApprovedPromotion
from include.promotion.errors import (
    PromotionError,
    PromotionFailed,
    TargetUnreachable,
    VerificationFailed,
)
from include.promotion.ledger.entry import LedgerEntry
from include.promotion.ledger.ledger import Ledger, Outcome
from include.promotion.rollout.record import RolloutRecord, RolloutRecords, Step
from include.promotion.rollout.steps import Steps
from include.promotion.subjects.registry import production_client
from include.promotion.targets.base import RolloutTarget, make_target
from include.serving.client import ServingClient
from include.serving.errors import ServingUnavailable
from include.settings import Settings
from include.task_log import log_result

log = logging.getLogger(__name__)

POLL_SECONDS = 0.25
OUTAGE_SECONDS = 10.0
"""How long a model server may not answer before the rollout is undone."""
UNDO_SECONDS = 120.0
"""How long an undo that fails is tried again before it is given up, and a person has to look."""


@dataclass
class Rollout:
    """One open record, with what it takes to go on with it."""

    settings: Settings
    record: RolloutRecord
    target: RolloutTarget
    waits_for: str = ""
    records: RolloutRecords = field(init=False)
    client: ServingClient = field(init=False)
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.records = RolloutRecords(self.settings, self.target.name)
        self.ledger = Ledger(self.settings, self.target.name)
        self.client = production_client(self.settings, self.target.url)
        self._steps = Steps(self.settings, self.target, self.client, self.records)

    @classmethod
    def resume(cls, number: int, settings: Settings, cluster: Any = None) -> Rollout:
        """The rollout of a record.

        Args:
            cluster: as for ``make_target``.
        """
        target = make_target(settings, cluster)
        return cls(settings, RolloutRecords(settings, target.name).read(number), target)

    def run(self) -> int:
        """Go on until the end, in this process; returns the version in service, or raises as ``result``."""
        self._go_on_until_ended()
        return self.result()

    def go_on(self) -> bool:
        """Take every step that can be taken now; True when the rollout has ended, well or not.

        Raises:
            PromotionError: another process is working on it.
        """
        with self.ledger.one_at_a_time():
            self.record = self.records.read(self.record.id)
            while self.record.step is not Step.ENDED:
                if not self._take_step():
                    self.records.beat(self.record.id)
                    return False
        return True

    def take_back(self, why: str) -> None:
        """Undo it, whatever step it has reached, and wait for the end; nothing happens where it has ended."""
        with self.ledger.one_at_a_time():
            self.record = self.records.read(self.record.id)
            if self.record.step not in (Step.UNDOING, Step.ENDED):
                self._undo(PromotionError(why))
        self._go_on_until_ended()

    def result(self) -> int:
        """The version in service after the end.

        Raises:
            PromotionFailed: it is not the wanted one; says why, and what serves.
        """
        if self.record.outcome == "promoted":
            return self.record.to_version
        found, wanted, before = self.record.evidence, self.record.to_version, self.record.from_version
        if self.record.outcome == "rolled_back":
            raise PromotionFailed(
                f"model version {wanted} failed: {found['failure']}. Rolled back; "
                f"in service: {before or 'none'}"
            )
        raise PromotionFailed(
            f"model version {wanted} failed ({found['failure']}), and bringing back {before} could not be "
            f"verified ({found['failure_of_rollback']}): look at the model server at {self.target.url}"
        )

    def look(self) -> bool:
        """Whether ``go_on`` has something to do; for those who only wait, such as a triggerer."""
        self.record = self.records.read(self.record.id)
        if self.record.step is Step.ENDED:
            return True
        try:
            settled = self._settled()
        except Exception as error:  # noqa: BLE001 - go_on finds the same error, and acts on it
            self.waits_for = str(error)
            settled = not self._tries_again()
        self.records.beat(self.record.id)
        return settled

    def _go_on_until_ended(self) -> None:
        Retrying(retry=retry_if_result(operator.not_), wait=wait_fixed(POLL_SECONDS))(self.go_on)

    def _settled(self) -> bool:
        """Whether the present step has what it waits for.

        Raises:
            Exception: it never will have.
        """
        try:
            self.waits_for = self._steps.awaited(self.record)
            self._note_answer()
        except TargetUnreachable as error:
            self.waits_for = str(error)
        except ServingUnavailable as error:
            self.waits_for = str(error)
            self._note_silence(error)
        seconds = self.record.patience + self.target.patience
        if self.waits_for and self.record.step is not Step.CANARY and self.record.seconds_in_step > seconds:
            raise VerificationFailed(f"after {seconds:g} s: {self.waits_for}")
        return not self.waits_for

    def _note_answer(self) -> None:
        if self.record.evidence.pop("silent_since", None):
            self.records.note(self.record.id, self.record.evidence)

    def _note_silence(self, error: ServingUnavailable) -> None:
        """Production may be down because of the candidate, so an outage ends the rollout soon."""
        now = datetime.now(UTC)
        since = self.record.evidence.setdefault("silent_since", now.isoformat())
        self.records.note(self.record.id, self.record.evidence)
        seconds = (now - datetime.fromisoformat(since)).total_seconds()
        if seconds >= OUTAGE_SECONDS and self.record.step is not Step.UNDOING:
            raise VerificationFailed(f"{error}, for {seconds:.0f} s")

    def _take_step(self) -> bool:
        """Finish the present step; False where it still waits for something."""
        undoing = self.record.step is Step.UNDOING
        try:
            if not self._settled():
                return False
            done = self._steps.finish(self.record)
            self._enter(done) if isinstance(done, Step) else self._end(done)
        except Exception as error:  # noqa: BLE001 - whatever it is, production is brought back
            log.warning("%s model version %s failed: %s", self.record.step, self.record.to_version, error)
            if self._tries_again():
                self.waits_for = str(error)
                return False
            self._end("failed", error) if undoing else self._undo(error)
        return True

    def _tries_again(self) -> bool:
        """Whether an error is no reason to give up: bringing production back is tried for a while."""
        return self.record.step is Step.UNDOING and self.record.seconds_in_step < UNDO_SECONDS

    def _undo(self, cause: Exception) -> None:
        self.record.evidence["failure"] = f"{type(cause).__name__}: {cause}"
        self.record.evidence["failed_in"] = self.record.step
        self._enter(Step.UNDOING)

    def _enter(self, step: Step) -> None:
        """Write the next step and when it began; undoing begins when a failure is detected."""
        self.record.evidence.setdefault("steps", {})[step] = datetime.now(UTC).isoformat()
        self.record = self.records.enter(self.record.id, step, self.record.evidence)

    def _end(self, outcome: Outcome, error: Exception | None = None) -> None:
        """Write the result to the ledger, then close the record.

        A worker that is killed between them leaves the record open, and its successor writes no second row.
        """
        evidence = self.record.evidence
        if error is not None:
            evidence["failure_of_rollback"] = f"{type(error).__name__}: {error}"
        entry = LedgerEntry.of(ApprovedPromotion.from_json(self.record.approved), self.settings)
        entry.evidence |= evidence | {"rollout": self.record.id}
        if not self.records.in_ledger(self.record.id):
            self.ledger.write(entry, outcome)
        self.record = self.records.end(self.record.id, outcome, evidence)
        log_result(f"rollout {self.record.id} of model version {self.record.to_version}: {outcome}")
