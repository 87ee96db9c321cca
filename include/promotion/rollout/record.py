"""The record of a rollout under way: who goes on with it, where it stands, and what it is proven with.

It is what a worker that takes over knows, so every step is written before it is taken. At most one record
per model and target is open. The ledger holds what came of it.
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
class Record:
    """A row of table ``rollout``.

    ``probes`` maps 'texts', 'to' and 'from' to lists of equal length; 'judged_to' and 'judged_from' to what
    both versions answered on the rows that the gate judged by, where it had any of both.
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
        """What a server is asked."""
        return self.probes.get("texts", [])

    def expected(self, version: int) -> np.ndarray | None:
        """What the stored model itself says of ``texts``, float64[n]; None where it is not known."""
        answers = self.probes.get("to" if version == self.to_version else "from")
        return None if answers is None else np.array(answers, dtype=np.float64)

    @property
    def judged(self) -> tuple[np.ndarray, np.ndarray] | None:
        """What the old and the new version answered on the judged rows: float64[n] each."""
        old, new = (self.probes.get(name) for name in ("judged_from", "judged_to"))
        return (np.array(old, np.float64), np.array(new, np.float64)) if old and new else None


def as_probes(texts: Sequence[str], to: np.ndarray, before: np.ndarray | None) -> dict[str, list[Any]]:
    """Probes as JSON holds them: an answer that is no number becomes null."""
    answers = {"to": to} if before is None else {"to": to, "from": before}
    lists = {
        name: [float(one) if np.isfinite(one) else None for one in values] for name, values in answers.items()
    }
    return {"texts": list(texts), **lists}


class Records:
    """The records of one model on one target."""

    def __init__(self, settings: Settings, target: str) -> None:
        self._settings = settings
        self._place = [settings.model_name, target]

    def open(
        self, run_key: str, approved: dict[str, Any], versions: tuple[int | None, int], patience: float,
        probes: dict[str, list[Any]],
    ) -> Record:  # fmt: skip
        """Begin a record at its first step.

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

    def read(self, number: int) -> Record:
        found = self._find("id = %s", [number])
        assert found is not None, f"there is no rollout {number}"
        return found

    def under_way(self) -> Record | None:
        """The open record."""
        return self._find("model_name = %s AND target = %s AND step <> 'ended'", self._place)

    def of_run(self, run_key: str) -> Record | None:
        """The last record of a run."""
        return self._find("model_name = %s AND target = %s AND run_key = %s", [*self._place, run_key])

    def in_ledger(self, number: int) -> bool:
        """Whether the rollout's end was written down already."""
        query = "SELECT EXISTS (SELECT FROM promotion WHERE evidence -> 'rollout' = to_jsonb(%s::bigint))"
        with connect(self._settings) as connection:
            row = connection.execute(query, [number]).fetchone()
        return bool(row and row[0])

    def beat(self, number: int) -> None:
        """Say that somebody looks after it."""
        self._change(number, "beat_at = clock_timestamp()", [])

    def enter(self, number: int, step: Step, evidence: dict[str, Any]) -> Record:
        """Write down what is done next, and what was found so far."""
        fields = "step = %s, evidence = %s, step_since = clock_timestamp(), beat_at = clock_timestamp()"
        self._change(number, fields, [step, Jsonb(evidence)])
        return self.read(number)

    def note(self, number: int, evidence: dict[str, Any]) -> None:
        """Write down what was found so far."""
        self._change(number, "evidence = %s, beat_at = clock_timestamp()", [Jsonb(evidence)])

    def end(self, number: int, outcome: str, evidence: dict[str, Any]) -> Record:
        """Close it; the posts' texts go."""
        fields = "step = 'ended', outcome = %s, evidence = %s, probes = '{}', finished_at = clock_timestamp()"
        self._change(number, fields, [outcome, Jsonb(evidence)])
        return self.read(number)

    def _change(self, number: int, fields: str, values: list[Any]) -> None:
        with connect(self._settings) as connection:
            connection.execute(f"UPDATE rollout SET {fields} WHERE id = %s", [*values, number])  # noqa: S608

    def _find(self, condition: str, values: list[Any]) -> Record | None:
        query = f"""
            SELECT id, run_key, approved, from_version, to_version, step, patience, probes, evidence, outcome,
                   extract(epoch FROM clock_timestamp() - step_since)::float8 AS seconds_in_step,
                   beat_at > clock_timestamp() - %s * interval '1 second' AS fresh
            FROM rollout WHERE {condition} ORDER BY id DESC LIMIT 1
        """  # noqa: S608 - the conditions are those above
        with connect(self._settings) as connection:
            cursor = connection.cursor(row_factory=dict_row)
            row = cursor.execute(query, [STALE_SECONDS, *values]).fetchone()
        return Record(**{**row, "step": Step(row["step"])}) if row else None
