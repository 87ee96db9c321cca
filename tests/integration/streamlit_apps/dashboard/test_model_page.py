"""The page on production, driven by streamlit's AppTest on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from include.dashboard.model_history import evidence_of, ledger_rows, service_periods
from include.dashboard.read_only import read_only_connection
from include.infra.postgres.connection import connect
from include.promotion.gate.gate import evaluate_gate
from include.promotion.ledger.entry import LedgerEntry
from include.promotion.ledger.ledger import Ledger, Outcome
from include.promotion.limits import PromotionLimits
from include.settings import PROJECT_ROOT, Settings, get_settings
from tests.support.promotion.scorings import answered, says, scoring, truth

pytestmark = pytest.mark.stack
APPS = PROJECT_ROOT / "streamlit_apps" / "dashboard"
HOSTILE = "<script>alert(1)</script> ![i](http://x.example/y)"


def gate(version: int, champion: int | None, *wrong: int) -> dict[str, Any]:
    labels = truth(300)
    rival = answered(champion, says(labels)) if champion else None
    parts = [{"language": HOSTILE}] * 300
    decision = evaluate_gate(
        scoring(labels, answered(version, says(labels, *wrong)), rival, parts=parts), PromotionLimits()
    )
    head = {"model_name": "m", "model_version": version, "champion": champion, "dataset_version": 3}
    return {**head, **decision.evidence()}


@pytest.fixture
def model(database: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A model of the test's own, as the ledger takes no row back."""
    monkeypatch.setenv("TWEETSIEVE_MODEL_NAME", f"m_{uuid4().hex[:8]}")
    get_settings.cache_clear()
    yield get_settings().as_role("")  # as the page is opened with the dashboard's role
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def ledger(model: Settings) -> Settings:
    """1, then 2 refused, 3 by override, back to 1; and 4 on another target."""
    local, began = Ledger(model, "local"), datetime.now(UTC) - timedelta(minutes=5)

    def write(action: Any, old: int | None, new: int, who: str | None, outcome: Outcome, **more: Any) -> None:
        local.write(LedgerEntry(action, old, new, HOSTILE, who, more, began), outcome)

    write("promote", None, 1, "ann", "promoted", gate=gate(1, None))
    write("promote", 1, 2, None, "refused", gate=gate(2, 1, *range(0, 300, 3)))
    write("promote", 1, 3, "bob", "promoted", gate=gate(3, 1, 0), approval={"override": True})
    write("rollback", 3, 1, "eve", "promoted")
    Ledger(model, "elsewhere").write(LedgerEntry("promote", None, 4, "", "ann", {}, began), "promoted")
    return model


def opened(script: str = "model_page.py") -> AppTest:
    page = AppTest.from_file(str(APPS / script), default_timeout=30).run()
    assert not page.exception
    return page


def test_who_was_in_service_when(ledger: Settings) -> None:
    with read_only_connection(ledger) as reader:
        found = service_periods(reader, ledger.model_name)
    on_local = [row for row in found if row["target"] == "local"]
    assert [row["model_version"] for row in on_local] == [1, 3, 1]
    assert on_local[0]["until"] is None
    assert [row["until"] for row in on_local[1:]] == [row["since"] for row in on_local[:-1]]
    assert [row["override"] for row in on_local] == [False, True, False]


def test_the_page_shows_spells_ledger_and_evidence(ledger: Settings) -> None:
    page = opened()
    current = {metric.label: metric.value for metric in page.metric}
    assert current == {"Model version on local": "1", "Model version on elsewhere": "4"}
    periods_shown, ledger_shown = (frame.value for frame in page.dataframe)
    assert periods_shown["model_version"].tolist() == [4, 1, 3, 1]
    assert ledger_shown["outcome"].tolist() == ["promoted", "promoted", "promoted", "refused", "promoted"]
    assert ledger_shown["verdict"].tolist()[2:] == ["INCONCLUSIVE", "FAIL", "PASS"]
    assert ledger_shown["override"].tolist() == [False, False, True, False, False]
    assert (periods_shown["approver"].tolist()[:3]) == ["ann", "eve", "bob"]


def test_evidence_that_was_changed_is_told(ledger: Settings) -> None:
    with read_only_connection(ledger) as reader:
        rows = {row["outcome"]: row["id"] for row in ledger_rows(reader, ledger.model_name)}
        assert evidence_of(reader, rows["refused"]).holds
    with connect(ledger) as connection:  # by somebody who may switch a trigger off
        connection.execute("ALTER TABLE promotion DISABLE TRIGGER promotion_append_only")
        change = (
            "UPDATE promotion SET evidence = jsonb_set(evidence, '{gate,verdict}', '\"PASS\"') WHERE id = %s"
        )
        connection.execute(change, [rows["refused"]])
        connection.execute("ALTER TABLE promotion ENABLE TRIGGER promotion_append_only")
    page = opened()
    refused = next(text for text in page.selectbox(key="row").options if text.endswith("refused"))
    page.selectbox(key="row").select(refused).run()
    assert any("changed afterwards" in error.value for error in page.error)


def test_the_evidence_of_a_refusal(ledger: Settings) -> None:
    page = opened()
    refused = next(text for text in page.selectbox(key="row").options if text.endswith("refused"))
    page.selectbox(key="row").select(refused).run()
    (compared,) = [one.value for one in page.markdown if "version 2 against version 1" in one.value]
    assert "| ❌ FAIL | recall |" in compared
    assert page.json


def test_a_way_back_shows_the_evidence_of_the_promotion_it_returns_to(ledger: Settings) -> None:
    page = opened()
    back = next(text for text in page.selectbox(key="row").options if "rollback" in text)
    page.selectbox(key="row").select(back).run()
    digest = opened().dataframe[1].value["evidence_hash"]
    assert digest.iloc[1] == digest.iloc[4], "the first promotion's"


def test_hostile_text_is_nowhere_but_in_a_cell(ledger: Settings) -> None:
    page = opened()
    for row in page.selectbox(key="row").options:
        page.selectbox(key="row").select(row).run()
        assert not [one for one in page.markdown if "<script>" in one.value or "![i](" in one.value]
        assert not [one for one in page.markdown if one.allow_html]


def test_another_workloads_model_is_chosen_by_its_name(ledger: Settings) -> None:
    other = ledger.model_copy(update={"model_name": f"other_{uuid4().hex[:8]}"})
    Ledger(other, "local").write(
        LedgerEntry("promote", None, 8, "", "ann", {}, datetime.now(UTC)), "promoted"
    )
    page = opened()
    assert page.selectbox(key="model").value == ledger.model_name
    page.selectbox(key="model").select(other.model_name).run()
    assert not page.exception
    assert [metric.value for metric in page.metric] == ["8"]


def test_nothing_promoted_says_what_to_run(model: Settings) -> None:
    assert any("promote_model" in info.value for info in opened().info)


def test_the_app_offers_the_page(ledger: Settings) -> None:
    page = AppTest.from_file(str(APPS / "navigation.py"), default_timeout=30).run()
    assert not page.exception
    page.switch_page("model_page.py").run()
    assert not page.exception
    assert any(title.value == "In production" for title in page.title)
