"""The steps of a rollout: what each waits for, and how its result is verified."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

from include.model.registry.store import ModelStore
from include.model.registry.stored_model import files_hash
from include.promotion.approved import ApprovedPromotion
from include.promotion.errors import VerificationFailed
from include.promotion.ledger.ledger import Outcome
from include.promotion.limits import PromotionLimits
from include.promotion.rollout.canary import Canary
from include.promotion.rollout.judged_files import judged_files
from include.promotion.rollout.latency import LatencyComparison
from include.promotion.rollout.record import RolloutRecord, RolloutRecords, Step
from include.promotion.targets.base import RolloutTarget
from include.promotion.verification import verify
from include.serving.client import ServingClient
from include.settings import Settings

TIMED = 20
"""Requests for one text each by which the latency is compared before the version gets traffic."""


@dataclass(frozen=True)
class Steps:
    """The steps of one rollout; what they find is added to the evidence of its record."""

    settings: Settings
    target: RolloutTarget
    client: ServingClient
    records: RolloutRecords

    def awaited(self, record: RolloutRecord) -> str:
        """What the present step still waits for; empty where it has it.

        Raises:
            Exception: it will never have it.
        """
        step = record.step
        if step is Step.LOADING:
            return self.target.load(record.to_version)
        if step is Step.CANARY:
            return self._canary(record).wait()
        if step is Step.SERVING:
            return self.target.serve(record.to_version)
        if step is Step.UNDOING:
            return self.target.serve(record.from_version)
        return ""

    def finish(self, record: RolloutRecord) -> Step | Outcome:
        """Verify what the present step has reached; returns the next step, or how the rollout ends.

        Raises:
            Exception: the verification failed, or could not be made.
        """
        if record.step is Step.PUBLISHING:
            return self._publish(record)
        if record.step in (Step.LOADING, Step.SERVING):
            self._require_files(record)
        if record.step is Step.LOADING:
            return self._verify_loaded(record)
        if record.step is Step.CANARY:
            self._canary(record).judge()
            return Step.SERVING
        if record.step is Step.SERVING:
            self._proofs(record)["in_service"] = self._verify(record, record.to_version, by_name=False)
            return "promoted"
        return self._undone(record)

    def _publish(self, record: RolloutRecord) -> Step:
        version, approved = record.to_version, _approved(record)
        record.evidence["files_hash"] = judged_files(approved, self.settings)
        self.target.publish(version, ModelStore(self.settings).path(version))
        self._require_files(record)
        return Step.SERVING if approved.action == "rollback" else Step.LOADING

    def _require_files(self, record: RolloutRecord) -> None:
        """Check that the published files are those that were judged, which may change until they are loaded.

        An earlier release began rollouts without a hash.

        Raises:
            VerificationFailed: they are others.
        """
        wanted = record.evidence.get("files_hash")
        if wanted and (found := files_hash(self.target.published(record.to_version))) != wanted:
            raise VerificationFailed(
                f"the published files of version {record.to_version} have the hash {found[:12]}…, those that "
                f"were judged {wanted[:12]}…: somebody changed them. Train again, or put the files back"
            )

    def _verify_loaded(self, record: RolloutRecord) -> Step:
        proofs = self._proofs(record)
        proofs["loaded"] = self._verify(record, record.to_version, by_name=True)
        proofs["pace"] = self._verify_latency(record)
        with_canary = record.from_version is not None and self.settings.canary_seconds > 0
        return Step.CANARY if with_canary else Step.SERVING

    def _undone(self, record: RolloutRecord) -> Outcome:
        if record.from_version is not None:
            proof = self._verify(record, record.from_version, by_name=False)
            record.evidence["proof_of_previous"] = proof
        self._withdraw(record)
        return "rolled_back"

    def _verify(self, record: RolloutRecord, version: int, *, by_name: bool) -> dict[str, Any]:
        return verify(self.client, version, record.texts, record.expected(version), by_name=by_name)

    def _verify_latency(self, record: RolloutRecord) -> dict[str, float] | None:
        if record.from_version is None:
            return None
        versions, texts = (record.from_version, record.to_version), record.texts[:TIMED]
        limits = PromotionLimits.of(self.settings)
        measured = LatencyComparison.measure(self.client, versions, texts)
        latency = measured.confirmed(self.client, versions, texts, limits)
        if reason := latency.too_slow(limits):
            raise VerificationFailed(f"version {record.to_version} is slow: {reason}")
        return latency.figures()

    def _canary(self, record: RolloutRecord) -> Canary:
        return Canary(self.settings, self.client, record, self.records)

    def _withdraw(self, record: RolloutRecord) -> None:
        """Remove a published candidate that failed; what serves, or once did, stays for a rollback."""
        if _approved(record).action == "promote" and record.to_version != record.from_version:
            with contextlib.suppress(OSError):
                self.target.withdraw(record.to_version)

    @staticmethod
    def _proofs(record: RolloutRecord) -> dict[str, Any]:
        return record.evidence.setdefault("proof", {})


def _approved(record: RolloutRecord) -> ApprovedPromotion:
    return ApprovedPromotion.from_json(record.approved)
