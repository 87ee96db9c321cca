"""What annotators did: an append-only log in which an undo is one more event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import psycopg
from psycopg.types.json import Jsonb

from include.annotation.queues import leases
from include.annotation.queues.item import Item

Action = Literal["label", "skip", "flag", "adjudicate"]
LABELLING = ("label", "adjudicate")


def record(
    connection: psycopg.Connection,
    item: Item,
    action: Action,
    label: int | None = None,
    *,
    shown: dict[str, object] | None = None,
    milliseconds: int | None = None,
) -> int | None:
    """Write what an annotator did with a leased item, and end the lease, in one transaction.

    On an autocommit connection it is committed when this returns.

    Args:
        label: 0 or 1 for ``label`` and ``adjudicate``, None for ``skip`` and ``flag``.
        shown: suggestions that were visible, so that their influence can be measured later.
        milliseconds: from showing the item to the key press.

    Returns:
        The event's id; None where this lease already has an event (a double press).

    Raises:
        ValueError: a label that does not go with the action, or an action that does not go with the queue.
        ItemLeaseLost: the lease expired, or the annotator released it, and it has no event.
    """
    if (label in (0, 1)) != (action in LABELLING):
        raise ValueError(f"action {action!r} does not go with label {label!r}: 0 or 1 for {LABELLING} only")
    if label is not None and (action == "adjudicate") != (item.queue == "adjudication"):
        raise ValueError(f"action {action!r} does not go with queue {item.queue!r}")
    with connection.transaction():
        if not leases.finish(connection, item.lease_id):
            _refuse_if_lost(connection, item)
            return None
        row = connection.execute(
            """INSERT INTO label_event (text_hash, post_id, text, version, annotator, action, label,
                                        lease_id, queue, shown, milliseconds)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id""",
            [
                item.text_hash,
                item.post_id,
                item.text,
                item.version,
                item.annotator,
                action,
                label,
                item.lease_id,
                item.queue,
                Jsonb(shown or {}),
                milliseconds,
            ],
        ).fetchone()
    return row[0] if row else None


def _refuse_if_lost(connection: psycopg.Connection, item: Item) -> None:
    """Tell a lease that was used from one that was lost.

    Raises:
        ItemLeaseLost: it was lost.
    """
    used = connection.execute("SELECT FROM label_event WHERE lease_id = %s", [item.lease_id]).fetchone()
    if used is None:
        raise leases.ItemLeaseLost(
            f"post {item.post_id} was not labelled: your lease on it ran out, or you opened another post"
            " in another window"
        )


def undo(connection: psycopg.Connection, annotator: str, event: int | None = None) -> int | None:
    """Undo one of the annotator's own standing events, and lease its text to the annotator again.

    Args:
        event: its id; None means the latest. One that was undone already (a double press) is left alone.

    Returns:
        The id of the undone event; None where there was nothing to undo.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('undo'), hashtext(%s))", [annotator])
        wanted = last_event(connection, annotator) if event is None else event
        row = connection.execute(
            """INSERT INTO label_event (text_hash, post_id, text, version, annotator, action, undoes, queue)
               SELECT text_hash, post_id, text, version, annotator, 'undo', id, queue
               FROM standing_event WHERE id = %s AND annotator = %s AND action <> 'import'
               RETURNING text_hash, version, queue""",
            [wanted, annotator],
        ).fetchone()
        if row is None:
            return None
        if row[1] is not None:
            leases.take(connection, row[0], row[1], annotator, row[2])
    return wanted


def last_event(connection: psycopg.Connection, annotator: str) -> int | None:
    """The annotator's latest standing event: no undo, not undone, not imported."""
    row = connection.execute(
        """SELECT id FROM standing_event WHERE annotator = %s AND action <> 'import'
           ORDER BY id DESC LIMIT 1""",
        [annotator],
    ).fetchone()
    return row[0] if row else None


@dataclass(frozen=True, slots=True)
class PastEvent:
    """One of the annotator's own standing events, as shown when looking back."""

    event: int
    text: str
    action: str
    label: int | None
    queue: str
    created_at: datetime

    @property
    def verdict(self) -> str:
        """The label or action in words."""
        return {1: "AI", 0: "not AI", None: self.action}[self.label]


def look_back(connection: psycopg.Connection, annotator: str, steps: int) -> PastEvent | None:
    """The standing event ``steps`` back, 1 being the latest; None before the first one."""
    row = connection.execute(
        """SELECT id, text, action, label, queue, created_at FROM standing_event
           WHERE annotator = %s AND action <> 'import'
           ORDER BY id DESC OFFSET %s LIMIT 1""",
        [annotator, steps - 1],
    ).fetchone()
    return PastEvent(*row) if row else None
