"""Everything that the page of emotional messages asks the database for, over one pool of connections."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from include.errors import UserError
from include.infra.postgres.connection import connect
from include.infra.postgres.page_pool import page_pool
from include.schema.dataset_tables import table_exists
from include.schema.revision import require_current_schema
from include.settings import Settings
from include.streaming.registry import workload_named
from include.streaming.state.share_evidence import StoredEvidence, latest_evidence
from include.streaming.state.share_ledger import ShareChange, current_shares, share_history
from include.workloads.sentiment.base.settings import sentiment_settings
from include.workloads.sentiment.queue import cases
from include.workloads.sentiment.queue.cases import Case, Thresholds, Waiting

NAME = "sentiment"


class NothingYet(UserError):
    """The stream has never run: there are no tables."""


@dataclass(frozen=True)
class Versions:
    """The versions' shares, who decided them, how many rows each scored, and what was measured last."""

    shares: dict[str, float]
    history: list[ShareChange]
    rows: dict[str, int]
    evidence: StoredEvidence | None


class CaseService:
    """Shared by all sessions of one page server; each call is committed when it returns.

    Every call raises psycopg.OperationalError while the database does not answer, and NothingYet before the
    stream's first start.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        own = sentiment_settings()
        self.above = Thresholds(own.min_compound, own.min_neg)
        with connect(settings) as connection:
            require_current_schema(connection)
            if not table_exists(connection, "sentiment_case"):
                raise NothingYet(
                    "The stream of the workload sentiment has not run yet: run the DAG stream_classifier "
                    "with workload sentiment, then reload this page."
                )
        self._pool = page_pool(settings)

    def current(self, person: str) -> Case | None:
        """See ``cases.current``."""
        with self._pool.connection() as connection:
            return cases.current(connection, person)

    def take(self, person: str) -> Case | None:
        """See ``cases.take``."""
        with self._pool.connection() as connection:
            return cases.take(connection, person, self.above)

    def answer(self, lease: UUID, person: str, text: str, rating: int | None) -> None:
        """See ``cases.answer``."""
        with self._pool.connection() as connection:
            cases.answer(connection, lease, person, text, rating)

    def release(self, lease: UUID, person: str) -> None:
        """See ``cases.release``."""
        with self._pool.connection() as connection:
            cases.release(connection, lease, person)

    def waiting(self) -> Waiting:
        """See ``cases.waiting``."""
        with self._pool.connection() as connection:
            return cases.waiting(connection, self.above)

    def versions(self) -> Versions:
        """Shares, ledger, rows and the latest evidence."""
        workload = workload_named(NAME, self._settings)
        with self._pool.connection() as connection:
            rows = connection.execute(
                "SELECT model_version, count(*) FROM sentiment GROUP BY 1 ORDER BY 1"
            ).fetchall()
            return Versions(
                current_shares(connection, workload),
                share_history(connection, NAME),
                dict(rows),
                latest_evidence(connection, NAME),
            )

    def close(self) -> None:
        """Close the pool's connections."""
        self._pool.close()
