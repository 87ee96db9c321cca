"""A rollout, step by step: publish, load, canary, serve, each with its proof; on any failure, undo.

Whoever works on it calls ``go_on`` until it returns True: one process in a loop, or an Airflow worker that
goes away while there is only something to wait for, or the worker that takes over from one that was killed.
Every step may be taken again.
"""

from __future__ import annotations

import contextlib
import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from include.model.registry.store import ModelStore
from include.promotion.approved import ApprovedPromotion
from include.promotion.errors import PromotionError, PromotionFailed, Unreachable
from include.promotion.ledger import Entry, Ledger
from include.promotion.rollout.canary import Canary
from include.promotion.rollout.latency import confirmed, in_turn, p95, too_slow
from include.promotion.rollout.record import Record, Records, Step
from include.promotion.targets.base import RolloutTarget, make_target
from include.promotion.targets.local import STABLE
from include.promotion.verification import NotProven, prove
from include.serving.client import ServingClient, ServingUnavailable
from include.settings import Settings

log = logging.getLogger(__name__)

POLL_SECONDS = 0.25
OUTAGE_SECONDS = 10.0
"""So long a model server that does not answer is waited for, before production is put back as it was."""
UNDO_SECONDS = 120.0
"""So long an undo that fails is tried again, before a person is asked to look."""
TIMED = 20
"""Requests of one text each by which the pace is measured."""


@dataclass
class Rollout:
    """One open record, with what it takes to go on with it."""

    settings: Settings
    record: Record
    target: RolloutTarget
    waits_for: str = ""
    records: Records = field(init=False)
    client: ServingClient = field(init=False)
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.records = Records(self.settings, self.target.name)
        self.ledger = Ledger(self.settings, self.target.name)
        self.client = ServingClient(self.target.url, self.settings.model_name, label=STABLE)

    @classmethod
    def resume(cls, number: int, settings: Settings, cluster: Any = None) -> Rollout:
        """The rollout of a record.

        Args:
            cluster: as ``make_target`` takes it.
        """
        target = make_target(settings, cluster)
        return cls(settings, Records(settings, target.name).read(number), target)

    @property
    def approved(self) -> ApprovedPromotion:
        return ApprovedPromotion.from_json(self.record.approved)

    def run(self) -> int:
        """Go on until the end, in this process; returns the version in service, or raises as ``result``."""
        while not self.go_on():
            time.sleep(POLL_SECONDS)
        return self.result()

    def go_on(self) -> bool:
        """Take every step that can be taken now; True when the rollout has ended, well or not.

        Raises:
            PromotionError: another process is at work on it.
        """
        with self.ledger.one_at_a_time():
            self.record = self.records.read(self.record.id)
            while self.record.step is not Step.ENDED:
                if not self._step_over():
                    self.records.beat(self.record.id)
                    return False
        return True

    def take_back(self, why: str) -> None:
        """Undo it, whatever step it has reached, and wait for the end of that; nothing where it has ended."""
        with self.ledger.one_at_a_time():
            self.record = self.records.read(self.record.id)
            if self.record.step not in (Step.UNDOING, Step.ENDED):
                self._undo(PromotionError(why))
        while not self.go_on():
            time.sleep(POLL_SECONDS)

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
            f"proven ({found['failure_of_rollback']}): look at the model server at {self.target.url}"
        )

    def look(self) -> bool:
        """Whether ``go_on`` has something to do; for those who only wait, such as a triggerer."""
        self.record = self.records.read(self.record.id)
        if self.record.step is Step.ENDED:
            return True
        try:
            settled = self._settled()
        except Exception as error:  # noqa: BLE001 - what is wrong, go_on finds as well, and acts on it
            self.waits_for = str(error)
            settled = not self._tries_again()
        self.records.beat(self.record.id)
        return settled

    def _settled(self) -> bool:
        """Whether the present step has what it waits for.

        Raises:
            Exception: it never will have.
        """
        try:
            self.waits_for = self._ask()
            self._heard()
        except Unreachable as error:  # the cluster's API: what serves goes on serving meanwhile
            self.waits_for = str(error)
        except ServingUnavailable as error:
            self.waits_for = str(error)
            self._not_heard(error)
        seconds = self.record.patience + self.target.patience
        if self.waits_for and self.record.step is not Step.CANARY and self.record.seconds_in_step > seconds:
            raise NotProven(f"after {seconds:g} s: {self.waits_for}")
        return not self.waits_for

    def _heard(self) -> None:
        if self.record.evidence.pop("silent_since", None):
            self.records.note(self.record.id, self.record.evidence)

    def _not_heard(self, error: ServingUnavailable) -> None:
        """Production may be down because of the candidate: that is not waited out for long."""
        now = datetime.now(UTC)
        since = self.record.evidence.setdefault("silent_since", now.isoformat())
        self.records.note(self.record.id, self.record.evidence)
        seconds = (now - datetime.fromisoformat(since)).total_seconds()
        if seconds >= OUTAGE_SECONDS and self.record.step is not Step.UNDOING:
            raise NotProven(f"{error}, for {seconds:.0f} s")

    def _ask(self) -> str:
        """What the present step waits for; empty where it has it."""
        step, record = self.record.step, self.record
        if step is Step.LOADING:
            return self.target.load(record.to_version)
        if step is Step.CANARY:
            return self._canary().wait()
        if step is Step.SERVING:
            return self.target.serve(record.to_version)
        if step is Step.UNDOING:
            return self.target.serve(record.from_version)
        return ""

    def _step_over(self) -> bool:
        undoing = self.record.step is Step.UNDOING
        try:
            if not self._settled():
                return False
            self._finish_step()
        except Exception as error:  # noqa: BLE001 - whatever it is, production is brought back
            log.warning("%s model version %s failed: %s", self.record.step, self.record.to_version, error)
            if self._tries_again():
                self.waits_for = str(error)
                return False
            self._end("failed", error) if undoing else self._undo(error)
        return True

    def _tries_again(self) -> bool:
        """Bringing production back isn't given up at the first error."""
        return self.record.step is Step.UNDOING and self.record.seconds_in_step < UNDO_SECONDS

    def _finish_step(self) -> None:
        """Prove what the step has reached, and enter the next one."""
        step, record, proofs = self.record.step, self.record, self.record.evidence.setdefault("proof", {})
        if step is Step.PUBLISHING:
            self.target.publish(record.to_version, ModelStore(self.settings).path(record.to_version))
            self._enter(Step.SERVING if self.approved.action == "rollback" else Step.LOADING)
        elif step is Step.LOADING:
            proofs["loaded"] = self._prove(record.to_version, by_name=True)
            proofs["pace"] = self._prove_pace()
            with_canary = record.from_version is not None and self.settings.canary_seconds > 0
            self._enter(Step.CANARY if with_canary else Step.SERVING)
        elif step is Step.CANARY:
            self._canary().judge()
            self._enter(Step.SERVING)
        elif step is Step.SERVING:
            proofs["in_service"] = self._prove(record.to_version, by_name=False)
            self._end("promoted")
        elif step is Step.UNDOING:
            if record.from_version is not None:
                record.evidence["proof_of_previous"] = self._prove(record.from_version, by_name=False)
            self._withdraw()
            self._end("rolled_back")

    def _prove(self, version: int, *, by_name: bool) -> dict[str, Any]:
        texts, expected = self.record.texts, self.record.expected(version)
        return prove(self.client, version, texts, expected, by_name=by_name)

    def _prove_pace(self) -> dict[str, float] | None:
        if self.record.from_version is None:
            return None
        versions = (self.record.from_version, self.record.to_version)
        texts = self.record.texts[:TIMED]
        old, new = confirmed(self.client, versions, texts, *in_turn(self.client, versions, texts))
        if reason := too_slow(old, new):
            raise NotProven(f"version {self.record.to_version} is slow: {reason}")
        return {"p95_ms_old": p95(old), "p95_ms_new": p95(new)}

    def _canary(self) -> Canary:
        return Canary(self.settings, self.client, self.record, self.records)

    def _undo(self, cause: Exception) -> None:
        self.record.evidence["failure"] = f"{type(cause).__name__}: {cause}"
        self.record.evidence["failed_in"] = self.record.step
        self._enter(Step.UNDOING)

    def _withdraw(self) -> None:
        """A published candidate that failed goes; what serves, or once did, stays for the way back."""
        if self.approved.action == "promote" and self.record.to_version != self.record.from_version:
            with contextlib.suppress(OSError):
                self.target.withdraw(self.record.to_version)

    def _enter(self, step: Step) -> None:
        """Write down what is done next, and when it began; undoing begins with the detection of a failure."""
        self.record.evidence.setdefault("steps", {})[step] = datetime.now(UTC).isoformat()
        self.record = self.records.enter(self.record.id, step, self.record.evidence)

    def _end(self, outcome: Any, error: Exception | None = None) -> None:
        """Into the ledger, then the record is closed. A worker killed between them writes no second row."""
        evidence = self.record.evidence
        if error is not None:
            evidence["failure_of_rollback"] = f"{type(error).__name__}: {error}"
        entry = Entry.of(self.approved, self.settings)
        entry.evidence |= evidence | {"rollout": self.record.id}
        if not self.records.in_ledger(self.record.id):
            self.ledger.write(entry, outcome)
        self.record = self.records.end(self.record.id, outcome, evidence)
        log.info("rollout %s of model version %s: %s", self.record.id, self.record.to_version, outcome)
