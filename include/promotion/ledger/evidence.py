"""What the gate decided, and on what: kept in table ``promotion_evidence`` and beside the model card."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb

from include.infra.postgres.connection import connect
from include.model.registry.store import ModelStore
from include.promotion.errors import MissingEvidence
from include.promotion.gate.checks import Verdict
from include.promotion.gate.gate import GateDecision
from include.promotion.gate.report import comparison
from include.promotion.limits import PromotionLimits
from include.promotion.request import PromotionRequest
from include.promotion.scoring.record import PromotionScoring
from include.settings import Settings

FORMAT = 1
GATE_JSON, GATE_MARKDOWN = "gate.json", "gate.md"
"""Files in a model's report: the latest evidence on it, for programs and for people."""


@dataclass(frozen=True)
class GateEvidence:
    """A kept decision of the gate; ``evidence_hash`` is its key, and a hash of ``content``."""

    evidence_hash: str
    verdict: Verdict
    content: dict[str, Any]

    @property
    def model_version(self) -> int:
        return int(self.content["model_version"])

    @property
    def champion(self) -> int | None:
        return self.content["champion"]

    @property
    def reasons(self) -> list[str]:
        return list(self.content["reasons"])

    def overridden_by(self, request: PromotionRequest) -> bool:
        """Whether the request goes on against this decision: it is a FAIL, and a reason is given."""
        return self.verdict is Verdict.FAIL and bool(request.override_reason)


def write_evidence(
    settings: Settings, number: int, scoring: PromotionScoring, decision: GateDecision
) -> GateEvidence:
    """Keep the decision on scoring ``number``, in the database and in the model's report."""
    content = {
        "format": FORMAT,
        "model_name": scoring.model_name,
        "model_version": scoring.candidate.version,
        "champion": scoring.in_service,
        "dataset_version": scoring.dataset_version,
        "files_hash": scoring.candidate.files_hash,
        "scoring": number,
        "scoring_hash": evidence_hash(scoring.model_dump(mode="json")),
        "limits": PromotionLimits.of(settings).model_dump(),
        **decision.evidence(),
    }
    evidence = GateEvidence(evidence_hash(content), decision.verdict, content)
    _insert(settings, number, evidence)
    _write_files(ModelStore(settings).report(evidence.model_version), evidence)
    return evidence


def read_evidence(settings: Settings, digest: str) -> GateEvidence:
    """Evidence by its hash.

    Raises:
        MissingEvidence: the database has none of this hash.
    """
    query = "SELECT verdict, evidence FROM promotion_evidence WHERE evidence_hash = %s"
    with connect(settings) as connection:
        row = connection.execute(query, [digest]).fetchone()
    if row is None:
        raise MissingEvidence(f"table promotion_evidence has no row {digest}: run promote_model again")
    return GateEvidence(digest, Verdict(row[0]), row[1])


def _insert(settings: Settings, number: int, evidence: GateEvidence) -> None:
    """Insert a row; the same evidence again, as of a retried task, changes nothing."""
    query = """
        INSERT INTO promotion_evidence (evidence_hash, scoring_id, model_name, model_version, champion,
                                        verdict, evidence)
        VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (evidence_hash) DO NOTHING
    """
    values = [
        *(evidence.evidence_hash, number, settings.model_name, evidence.model_version, evidence.champion),
        *(str(evidence.verdict), Jsonb(evidence.content)),
    ]
    with connect(settings) as connection:
        connection.execute(query, values)


def _write_files(report: Path, evidence: GateEvidence) -> None:
    content = {"evidence_hash": evidence.evidence_hash, **evidence.content}
    _replace(report / GATE_JSON, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    _replace(report / GATE_MARKDOWN, comparison(evidence.content))


def _replace(path: Path, text: str) -> None:
    """Write a file atomically: a reader sees the old one or the new one."""
    staged = path.with_name(f".{path.name}")
    staged.write_text(text, encoding="utf-8")
    staged.replace(path)


def canonical(content: dict[str, Any]) -> bytes:
    """The one text of a JSON object: keys sorted, no spaces, ASCII.

    >>> canonical({"b": 1, "a": [0.5, None]})
    b'{"a":[0.5,null],"b":1}'
    """
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def evidence_hash(content: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()
