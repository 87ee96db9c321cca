"""The record of a rollout under way: its step, what servers are to answer, and what was found.

A worker that takes over knows nothing else, so every step is written before it is taken. At most one record
per model and target is open. The ledger holds the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from psycopg.rows import dict_row
from psycopg.types.json import Json, Jsonb

from include.infra.postgres.connection import connect
from include.serving.canary_window import STALE_SECONDS
from include.settings import Settings


class Step(StrEnum):
    """What a rollout is doing."""

    PUBLISHING = "publishing"
    LOADING = "loading"
    CANARY = "canary"
    SERVING = "serving"
    UNDOING = "undoing"
    ENDED = "ended"


@dataclass(frozen=True)
class RolloutRecord:
    """A row of table ``rollout``.

    Attributes:
        run_key: names the run that it belongs to.
        approved: an ``ApprovedPromotion`` as JSON.
        patience: seconds the server may take to load a model, beside the target's own patience.
        seconds_in_step: since the present step began.
        fresh: whether somebody has worked on it within ``STALE_SECONDS``.
        probes: 'texts', 'to' and 'from' are lists of equal length; 'judged_to' and 'judged_from' are what
            both versions answered on the evaluation rows, where they were compared.
        outcome: None until it has ended.
    """

    id: int
    run_key: str
    approved: dict[str, Any]
    from_version: int | None
    to_version: int
    step: Step
    patience: float
    seconds_in_step: float
    fresh: bool
    probes: dict[str, list[Any]]
    evidence: dict[str, Any]
    outcome: str | None

    @property
    def texts(self) -> list[str]:
        """The texts that a server is asked for."""
        return self.probes.get("texts", [])

    def expected(self, version: int) -> np.ndarray | None:
        """The stored model's own answers for ``texts``, float64[n]; None where they are not known."""
        answers = self.probes.get("to" if version == self.to_version else "from")
        return None if answers is None else np.array(answers, dtype=np.float64)

    @property
    def judged(self) -> tuple[np.ndarray, np.ndarray] | None:
        """What the old and the new version answered on the evaluation rows: float64[n] each."""
        old, new = (self.probes.get(name) for name in ("judged_from", "judged_to"))
        return (np.array(old, np.float64), np.array(new, np.float64)) if old and new else None


def as_probes(texts: Sequence[str], to: np.ndarray, before: np.ndarray | None) -> dict[str, list[Any]]:
    """The ``probes`` of a record; answers that are not finite become null."""
    answers = {"to": to} if before is None else {"to": to, "from": before}
    lists = {
        name: [float(one) if np.isfinite(one) else None for one in values] for name, values in answers.items()
    }
    return {"texts": list(texts), **lists}


class RolloutRecords:
    """The records of one model on one target."""

    def __init__(self, settings: Settings, target: str) -> None:
        self._settings = settings
        self._place = [settings.model_name, target]

    def open(
        self, run_key: str, approved: dict[str, Any], versions: tuple[int | None, int], patience: float,
        probes: dict[str, list[Any]],
    ) -> RolloutRecord:  # fmt: skip
        """Open a record at its first step.

        Raises:
            psycopg.errors.UniqueViolation: one is open.
        """
        query = """
            INSERT INTO rollout (model_name, target, run_key, approved, from_version, to_version, step,
                                 patience, probes)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
        """
        values = [run_key, Jsonb(approved), *versions, Step.PUBLISHING, patience, Json(probes)]
        with connect(self._settings) as connection:
            row = connection.execute(query, [*self._place, *values]).fetchone()
        assert row is not None
        return self.read(row[0])

    def read(self, number: int) -> RolloutRecord:
        """The record with this number, which exists."""
        found = self._find("id = %s", [number])
        assert found is not None, f"there is no rollout {number}"
        return found

    def under_way(self) -> RolloutRecord | None:
        """The open record; None where there is none."""
        return self._find("model_name = %s AND target = %s AND step <> 'ended'", self._place)

    def of_run(self, run_key: str) -> RolloutRecord | None:
        """The last record of a run; None where there is none."""
        return self._find("model_name = %s AND target = %s AND run_key = %s", [*self._place, run_key])

    def in_ledger(self, number: int) -> bool:
        """Whether the rollout's result is in the ledger already."""
        query = "SELECT EXISTS (SELECT FROM promotion WHERE evidence -> 'rollout' = to_jsonb(%s::bigint))"
        with connect(self._settings) as connection:
            row = connection.execute(query, [number]).fetchone()
        return bool(row and row[0])

    def beat(self, number: int) -> None:
        """Note that somebody is working on it."""
        self._change(number, "beat_at = clock_timestamp()", [])

    def enter(self, number: int, step: Step, evidence: dict[str, Any]) -> RolloutRecord:
        """Write the next step, and what was found so far."""
        fields = "step = %s, evidence = %s, step_since = clock_timestamp(), beat_at = clock_timestamp()"
        self._change(number, fields, [step, Jsonb(evidence)])
        return self.read(number)

    def note(self, number: int, evidence: dict[str, Any]) -> None:
        """Write what was found so far."""
        self._change(number, "evidence = %s, beat_at = clock_timestamp()", [Jsonb(evidence)])

    def end(self, number: int, outcome: str, evidence: dict[str, Any]) -> RolloutRecord:
        """Close it, and delete the texts of posts."""
        fields = "step = 'ended', outcome = %s, evidence = %s, probes = '{}', finished_at = clock_timestamp()"
        self._change(number, fields, [outcome, Jsonb(evidence)])
        return self.read(number)

    def _change(self, number: int, fields: str, values: list[Any]) -> None:
        with connect(self._settings) as connection:
            connection.execute(f"UPDATE rollout SET {fields} WHERE id = %s", [*values, number])  # noqa: S608

    def _find(self, condition: str, values: list[Any]) -> RolloutRecord | None:
        query = f"""
            SELECT id, run_key, approved, from_version, to_version, step, patience, probes, evidence, outcome,
                   extract(epoch FROM clock_timestamp() - step_since)::float8 AS seconds_in_step,
                   beat_at > clock_timestamp() - %s * interval '1 second' AS fresh
            FROM rollout WHERE {condition} ORDER BY id DESC LIMIT 1
        """  # noqa: S608 - the conditions are those above
        with connect(self._settings) as connection:
            cursor = connection.cursor(row_factory=dict_row)
            row = cursor.execute(query, [STALE_SECONDS, *values]).fetchone()
        return RolloutRecord(**{**row, "step": Step(row["step"])}) if row else None
