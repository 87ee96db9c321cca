"""Everything that the tagger's pages ask the database for, over one pool of connections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from include.annotation.labels import events
from include.annotation.labels.events import PastEvent, look_back
from include.annotation.labels.import_batches import (
    NotTheirImport,
    PastImport,
    may_undo,
    past_imports,
    undo_import,
)
from include.annotation.quality.agreement import Agreement, agreement, ratings
from include.annotation.quality.estimates import Estimate, estimates, sampled_labels
from include.annotation.quality.progress import AnnotatorProgress, posts_to_label, progress
from include.annotation.queues import disagreement, leases
from include.annotation.queues.item import Item
from include.annotation.queues.queue import next_item
from include.annotation.suggestion import Suggestion, suggestion
from include.infra.postgres.connection import connect
from include.infra.postgres.page_pool import page_pool
from include.labelling.stored_report import StoredReport, stored_report
from include.schema.dataset_tables import VersionTables
from include.schema.revision import require_current_schema
from include.serving.client import ServingClient, ServingError, ServingUnavailable
from include.settings import Settings

TIMEOUT_SECONDS = 5.0
"""How long to wait for a connection, or for the model server, before the page reports that there is none."""


@dataclass(frozen=True, slots=True)
class CurrentItem:
    """What an annotator has open: the item, what may be shown beside it, and the event to undo next."""

    item: Item | None
    suggestion: Suggestion | None
    last_event: int | None


@dataclass(frozen=True, slots=True)
class TeamStatus:
    """How many posts of a version are labelled, by whom, and how well the annotators agree.

    golden: split -> (texts with an agreed label, texts).
    """

    progress: list[AnnotatorProgress]
    golden: dict[str, tuple[int, int]]
    agreement: Agreement | None


class AnnotationService:
    """Shared by all sessions of one page server; each call is committed when it returns.

    Every call raises psycopg.OperationalError while the database does not answer, and works again once
    it does.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        with connect(settings) as connection:
            require_current_schema(connection)
        self._pool = page_pool(settings)

    def versions(self) -> list[int]:
        """Dataset versions that have been split, smallest first."""
        with self._pool.connection() as connection:
            return _versions(connection)

    def current_item(self, annotator: str, version: int, queue: str) -> CurrentItem:
        """Lease the annotator's next item, with what is shown beside it; no item where the queue is empty."""
        with self._pool.connection() as connection:
            item = next_item(connection, annotator, version, queue, self._settings)
            beside = suggestion(connection, item) if item else None
            return CurrentItem(item, beside, events.last_event(connection, annotator))

    def record(self, item: Item, action: events.Action, label: int | None, **seen: Any) -> int | None:
        """See ``events.record``."""
        with self._pool.connection() as connection:
            return events.record(connection, item, action, label, **seen)

    def undo(self, annotator: str, event: int | None) -> int | None:
        """See ``events.undo``."""
        with self._pool.connection() as connection:
            return events.undo(connection, annotator, event)

    def imports(self, most: int) -> list[PastImport]:
        """See ``past_imports``."""
        with self._pool.connection() as connection:
            return past_imports(connection, most)

    def undo_import(self, past: PastImport, by: str) -> int:
        """See ``undo_import``.

        Raises:
            NotTheirImport: ``by`` neither brought the file nor is an adjudicator.
        """
        if not may_undo(past, by, self._settings):
            raise NotTheirImport(
                f"import {past.id} is {past.imported_by}'s: that person or an adjudicator undoes it"
            )
        with self._pool.connection() as connection:
            return undo_import(connection, past.id, by)

    def release(self, annotator: str, version: int) -> int:
        """See ``leases.release``."""
        with self._pool.connection() as connection:
            return leases.release(connection, annotator, version)

    def look_back(self, annotator: str, steps: int) -> PastEvent | None:
        """See ``events.look_back``."""
        with self._pool.connection() as connection:
            return look_back(connection, annotator, steps)

    def team(self, version: int) -> TeamStatus:
        """What all annotators have done on the version."""
        with self._pool.connection() as connection:
            return TeamStatus(
                progress(connection, version),
                posts_to_label(connection, VersionTables.of(version, self._settings).splits),
                agreement(ratings(connection, version)),
            )

    def labelled(self, annotator: str, version: int) -> int:
        """How many texts of the version have a standing label by the annotator."""
        with self._pool.connection() as connection:
            row = connection.execute(
                """SELECT count(DISTINCT text_hash) FROM standing_event
                   WHERE annotator = %s AND version = %s AND label IS NOT NULL""",
                [annotator, version],
            ).fetchone()
        return row[0] if row else 0

    def list_length(self, version: int, queue: str) -> int:
        """How many posts a targeted queue lists, including those that are labelled."""
        with self._pool.connection() as connection:
            row = connection.execute(
                "SELECT count(*) FROM labelling_queue WHERE version = %s AND queue = %s", [version, queue]
            ).fetchone()
        return row[0] if row else 0

    def refresh_disagreement(self, version: int) -> str | None:
        """Rebuild the disagreement queue if another model is in service; why that is impossible, or None."""
        tables = VersionTables.of(version, self._settings)
        settings = self._settings
        try:
            with (
                ServingClient(settings.model_url, settings.model_name, TIMEOUT_SECONDS, attempts=1) as client,
                self._pool.connection() as connection,
            ):
                disagreement.refresh(connection, tables, client)
        except (ServingError, ServingUnavailable) as error:
            return str(error)
        return None

    def report(self, version: int) -> StoredReport | None:
        """See ``stored_report``."""
        with self._pool.connection() as connection:
            return stored_report(connection, version)

    def estimates(self, version: int) -> list[Estimate]:
        """Estimates from the version's unbiased sample of golden labels."""
        with self._pool.connection() as connection:
            return estimates(sampled_labels(connection, VersionTables.of(version, self._settings)))

    def close(self) -> None:
        """Close the pool's connections."""
        self._pool.close()


def _versions(connection: psycopg.Connection) -> list[int]:
    rows = connection.execute(
        r"""SELECT substr(tablename, length('test_dataset_') + 1)::int FROM pg_tables
            WHERE tablename ~ '^test_dataset_\d{1,9}$' AND schemaname = ANY (current_schemas(false))
            ORDER BY 1"""
    )
    return [version for (version,) in rows]
