"""What an annotator did last, to look back at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import psycopg


@dataclass(frozen=True, slots=True)
class Past:
    """A standing event of the annotator's own."""

    event: int
    text: str
    action: str
    label: int | None
    queue: str
    created_at: datetime

    @property
    def verdict(self) -> str:
        """What was pressed, in words."""
        return {1: "AI", 0: "not AI", None: self.action}[self.label]


def look_back(connection: psycopg.Connection, annotator: str, steps: int) -> Past | None:
    """The event ``steps`` back, 1 being the latest that stands; None before the first one."""
    row = connection.execute(
        """SELECT id, text, action, label, queue, created_at FROM standing_event
           WHERE annotator = %s AND action <> 'import'
           ORDER BY id DESC OFFSET %s LIMIT 1""",
        [annotator, steps - 1],
    ).fetchone()
    return Past(*row) if row else None
