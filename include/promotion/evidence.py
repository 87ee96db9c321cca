"""What the gate saw and said, kept for good: in the database, and beside the model card."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb

from include.errors import UserError
from include.infra.postgres.connection import connect
from include.model.registry.store import ModelStore
from include.promotion.gate.checks import Verdict
from include.promotion.gate.gate import Decision
from include.promotion.gate.report import comparison
from include.promotion.limits import GateLimits
from include.promotion.scoring.record import Scoring
from include.settings import Settings

FORMAT = 1
GATE_JSON, GATE_MARKDOWN = "gate.json", "gate.md"
"""In a model's report: the latest evidence on it, for machines and for people."""


class NoEvidence(UserError):
    """The database doesn't hold what was asked for."""


@dataclass(frozen=True)
class Judged:
    """A verdict that was written down; ``evidence_hash`` is the key of its evidence."""

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

    def evidence(self) -> dict[str, Any]:
        """What has this hash."""
        return self.content


def write_scoring(settings: Settings, scoring: Scoring) -> int:
    """Keep what both models answered; returns its number."""
    query = """
        INSERT INTO promotion_scoring (model_name, model_version, champion, scoring)
        VALUES (%s, %s, %s, %s) RETURNING id
    """
    content = Jsonb(scoring.model_dump(mode="json"))
    with connect(settings) as connection:
        row = connection.execute(
            query, [settings.model_name, scoring.candidate.version, scoring.in_service, content]
        ).fetchone()
    assert row is not None
    return int(row[0])


def read_scoring(settings: Settings, number: int) -> Scoring:
    """A kept scoring.

    Raises:
        NoEvidence: there is none of this number.
    """
    with connect(settings) as connection:
        row = connection.execute("SELECT scoring FROM promotion_scoring WHERE id = %s", [number]).fetchone()
    if row is None:
        raise NoEvidence(f"table promotion_scoring has no row {number}: run promote_model anew")
    return Scoring.model_validate(row[0])


def write_evidence(settings: Settings, number: int, scoring: Scoring, decision: Decision) -> Judged:
    """Keep a decision on the scoring ``number`` in the database and in the model's report."""
    evidence = {
        "format": FORMAT,
        "model_name": scoring.model_name,
        "model_version": scoring.candidate.version,
        "champion": scoring.in_service,
        "dataset_version": scoring.dataset_version,
        "files_hash": scoring.candidate.files_hash,
        "scoring": number,
        "scoring_hash": evidence_hash(scoring.model_dump(mode="json")),
        "limits": GateLimits.of(settings).model_dump(),
        **decision.evidence(),
    }
    judged = Judged(evidence_hash(evidence), decision.verdict, evidence)
    _insert(settings, number, judged)
    _write_files(ModelStore(settings).report(judged.model_version), judged)
    return judged


def read_evidence(settings: Settings, digest: str) -> Judged:
    """Evidence by its hash.

    Raises:
        NoEvidence: the database has none of this hash.
    """
    query = "SELECT verdict, evidence FROM promotion_evidence WHERE evidence_hash = %s"
    with connect(settings) as connection:
        row = connection.execute(query, [digest]).fetchone()
    if row is None:
        raise NoEvidence(f"table promotion_evidence has no row {digest}: run promote_model anew")
    return Judged(digest, Verdict(row[0]), row[1])


def _insert(settings: Settings, number: int, judged: Judged) -> None:
    """The same evidence again, as of a task that is tried again, is the same row."""
    query = """
        INSERT INTO promotion_evidence (evidence_hash, scoring_id, model_name, model_version, champion,
                                        verdict, evidence)
        VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (evidence_hash) DO NOTHING
    """
    values = [
        *(judged.evidence_hash, number, settings.model_name, judged.model_version, judged.champion),
        *(str(judged.verdict), Jsonb(judged.content)),
    ]
    with connect(settings) as connection:
        connection.execute(query, values)


def _write_files(report: Path, judged: Judged) -> None:
    content = {"evidence_hash": judged.evidence_hash, **judged.content}
    _replace(report / GATE_JSON, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    _replace(report / GATE_MARKDOWN, comparison(judged.content))


def _replace(path: Path, text: str) -> None:
    """A reader sees the old file or the new one."""
    staged = path.with_name(f".{path.name}")
    staged.write_text(text, encoding="utf-8")
    staged.replace(path)


def canonical(evidence: dict[str, Any]) -> bytes:
    """The one text of a JSON object: keys sorted, no spaces, ASCII.

    >>> canonical({"b": 1, "a": [0.5, None]})
    b'{"a":[0.5,null],"b":1}'
    """
    return json.dumps(evidence, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def evidence_hash(evidence: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(evidence)).hexdigest()
