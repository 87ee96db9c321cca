"""The tables that hold the evidence take no change."""

from __future__ import annotations

import psycopg
import pytest

from include.database_settings import ADMINISTRATOR
from include.infra.postgres.connection import connect
from include.promotion.errors import MissingEvidence
from include.promotion.ledger.evidence import read_evidence
from include.promotion.ledger.ledger import Ledger
from include.promotion.ledger.scorings import read_scoring
from include.settings import Settings
from tests.support.models import tiny_models
from tests.support.promotion.judged_models import judged

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("shared_scoring")]


@pytest.fixture(scope="module")
def judged_once(gated: Settings, champion: int, shared_scoring: None) -> None:
    """A row in each of the tables."""
    judged(gated, champion, tiny_models.classifier)


@pytest.mark.parametrize("table", ["promotion", "promotion_scoring", "promotion_evidence"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET model_name = 'x'", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_evidence_takes_no_change(gated: Settings, judged_once: None, table: str, statement: str) -> None:
    """Tasks lack the right; who has every right meets a trigger."""
    with connect(gated) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.format(table))
    everything = gated.as_role(ADMINISTRATOR)
    with connect(everything) as connection, pytest.raises(psycopg.Error, match="append-only"):
        connection.execute(statement.format(table))


def test_evidence_that_is_not_there_is_an_error(gated: Settings) -> None:
    with pytest.raises(MissingEvidence, match="run promote_model again"):
        read_evidence(gated, "0" * 64)
    with pytest.raises(MissingEvidence, match="promotion_scoring has no row 0: run promote_model again"):
        read_scoring(gated, 0)


def test_the_lock_is_free_as_soon_as_it_is_left(gated: Settings) -> None:
    ledger = Ledger(gated, "local")
    for _ in range(200):
        with ledger.one_at_a_time():
            pass
