"""Table ``promotion_scoring``: what candidate and champion answered, kept for good."""

from __future__ import annotations

from psycopg.types.json import Jsonb

from include.infra.postgres.connection import connect
from include.promotion.errors import MissingEvidence
from include.promotion.scoring.record import PromotionScoring
from include.settings import Settings


def write_scoring(settings: Settings, scoring: PromotionScoring) -> int:
    """Keep a scoring; returns its number."""
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


def read_scoring(settings: Settings, number: int) -> PromotionScoring:
    """A kept scoring.

    Raises:
        MissingEvidence: there is none of this number.
    """
    with connect(settings) as connection:
        row = connection.execute("SELECT scoring FROM promotion_scoring WHERE id = %s", [number]).fetchone()
    if row is None:
        raise MissingEvidence(f"table promotion_scoring has no row {number}: run promote_model again")
    return PromotionScoring.model_validate(row[0])
