"""The DAG ``promote_model``: its wiring, and what follows from an answer."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from include.infra.postgres.connection import connect
from include.promotion.gate.gate import evaluate_gate
from include.promotion.ledger.entry import LedgerEntry
from include.promotion.ledger.evidence import GateEvidence, write_evidence
from include.promotion.ledger.ledger import Ledger
from include.promotion.ledger.scorings import write_scoring
from include.promotion.limits import PromotionLimits
from include.promotion.request import NoReason
from include.settings import Settings, get_settings
from tests.support.promotion.scorings import answered, says, scoring, truth

EDGES = {
    "decide": set(),
    "score": {"decide"},
    "back": {"decide"},
    "judge": {"score"},
    "approve": {"judge"},
    "roll_out": {"approve", "back"},
}


@pytest.fixture
def dag(dag_bag):
    return dag_bag.dags["promote_model"]


def test_the_steps_follow_one_another(dag):
    assert {task.task_id: set(task.upstream_task_ids) for task in dag.tasks} == EDGES


def test_a_skipped_way_does_not_stop_the_rollout_and_a_failed_one_does(dag):
    assert dag.get_task("roll_out").trigger_rule == "none_failed_min_one_success"


def test_no_answer_is_a_no_and_skips_whatever_follows(dag):
    approve = dag.get_task("approve")
    assert approve.options == ["Approve", "Reject"]
    assert approve.defaults == ["Reject"]
    assert approve.ignore_downstream_trigger_rules
    assert not approve.fail_on_reject
    assert list(approve.serialized_params) == ["why"], "none of the DAG's own Params is asked for again"


@pytest.mark.parametrize("name", ["reason", "override_reason"])
def test_reasons_are_short_texts_that_may_be_left_out(dag, name):
    from airflow.sdk.exceptions import ParamValidationError

    param = dag.params.get_param(name)
    assert param.resolve() is None
    assert param.resolve("") == ""
    with pytest.raises(ParamValidationError):
        param.resolve("x" * 501)


@pytest.mark.parametrize("blank", [None, "", "  ", "\n\t", "\u00a0"])
def test_a_blank_reason_is_none_and_no_override(dag, blank):
    from promotion_approval import request_of

    given = context(dag)
    given["params"] = {"reason": blank, "override_reason": blank}
    request = request_of(given)
    assert (request.reason, request.override_reason) == ("", "")


@pytest.mark.parametrize("filler", [".", "-", "n/a", "None", "override", "ok ok ok ok ok ok", "x" * 40])
def test_a_filler_is_no_reason_for_an_override(dag, filler):
    from promotion_approval import request_of

    given = context(dag)
    given["params"] = {"reason": None, "override_reason": filler}
    with pytest.raises(NoReason, match=re.escape(repr(filler))):
        request_of(given)


@pytest.fixture
def judged(database: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GateEvidence:
    """A PASS of version 2 against version 1, of a model of the test's own."""
    name = f"m_{uuid4().hex[:8]}"
    monkeypatch.setenv("TWEETSIEVE_MODEL_NAME", name)
    monkeypatch.setenv("TWEETSIEVE_MODEL_STORE", str(tmp_path))
    get_settings.cache_clear()
    report = tmp_path / name / "2" / "report"
    report.mkdir(parents=True)
    (report.parent / "saved_model.pb").write_bytes(b"")
    (report / "metrics.json").write_text(json.dumps({"dataset_version": 3, "threshold": 0.5}))
    settings, labels = get_settings(), truth(300)
    Ledger(settings, "local").write(LedgerEntry("promote", None, 1, "", "ann"), "promoted")
    made = scoring(labels, answered(2, says(labels)), answered(1, says(labels)), model_name=name)
    return write_evidence(
        settings, write_scoring(settings, made), made, evaluate_gate(made, PromotionLimits.of(settings))
    )


@pytest.fixture
def fresh_settings():
    yield
    get_settings.cache_clear()


def context(dag: Any) -> dict[str, Any]:
    run = SimpleNamespace(triggering_user_name="ann", start_date=datetime(2026, 1, 1, tzinfo=UTC))
    ti = SimpleNamespace(id=None, map_index=-1, xcom_push=lambda **_: None)
    return {
        "dag_run": run,
        "params": {"reason": "hashtags", "override_reason": ""},
        "ti": ti,
        "task_instance": ti,
        "task": dag.get_task("approve"),
    }


def operator(dag: Any, judged: GateEvidence) -> Any:
    from copy import copy

    rendered = copy(dag.get_task("approve"))
    rendered.evidence_hash = judged.evidence_hash
    rendered._lock_for_execution = False
    return rendered


def event(option: str, who: str | None, why: str = "") -> dict[str, Any]:
    return {
        "chosen_options": [option],
        "params_input": {"why": why},
        "responded_at": datetime.now(UTC),
        "responded_by_user": {"id": "1", "name": who} if who else None,
        "timedout": who is None,
    }


def rows() -> list[tuple[Any, ...]]:
    query = "SELECT to_version, outcome, approver, reason FROM promotion WHERE model_name = %s ORDER BY id"
    with connect() as connection:
        return connection.execute(query, [get_settings().model_name]).fetchall()


def test_a_yes_says_who_and_why(fresh_settings, dag, judged):
    given = operator(dag, judged).execute_complete(context(dag), event("Approve", "bob", "looks right"))
    assert (given["model_version"], given["previous"]) == (2, 1)
    assert (given["approver"], given["reason"]) == ("bob", "hashtags; looks right")
    assert given["evidence_hash"] == judged.evidence_hash
    assert json.dumps(given)
    assert len(rows()) == 1, "a yes alone changes nothing"


@pytest.mark.parametrize(
    ("who", "why", "written"),
    [("bob", "not on a Friday", "not on a Friday"), (None, "", "nobody answered in time")],
)
def test_a_no_skips_the_rollout_and_is_in_the_ledger(fresh_settings, dag, judged, who, why, written):
    from airflow.sdk.exceptions import DownstreamTasksSkipped

    with pytest.raises(DownstreamTasksSkipped) as skipped:
        operator(dag, judged).execute_complete(context(dag), event("Reject", who, why))
    assert skipped.value.tasks == ["roll_out"]
    assert rows()[-1] == (2, "rejected", who, written)


def test_where_it_is_refused_ones_own_yes_fails_the_task(fresh_settings, dag, judged, monkeypatch):
    from airflow.sdk.exceptions import AirflowFailException

    monkeypatch.setenv("TWEETSIEVE_ALLOW_OWN_APPROVAL", "false")
    get_settings.cache_clear()
    asked = context(dag)["dag_run"].triggering_user_name
    with pytest.raises(AirflowFailException, match="can't approve it as well"):
        operator(dag, judged).execute_complete(context(dag), event("Approve", asked))
    assert rows()[-1][:3] == (2, "rejected", asked)


def test_the_setting_answers_for_a_pass(fresh_settings, dag, judged, monkeypatch):
    monkeypatch.setenv("TWEETSIEVE_AUTO_APPROVE", "true")
    get_settings.cache_clear()
    given = operator(dag, judged).execute(context(dag))
    assert (given["approver"], given["model_version"]) == ("auto_approve", 2)


def test_a_person_is_shown_the_comparison(fresh_settings, dag, judged, monkeypatch):
    """What is handed to Airflow's own operator, which then waits."""
    from airflow.providers.standard.operators.hitl import ApprovalOperator

    shown: dict[str, Any] = {}

    def ask(self, context):
        shown.update(subject=self.subject, body=self.body, timeout=self.response_timeout)

    monkeypatch.setattr(ApprovalOperator, "execute", ask)
    operator(dag, judged).execute(context(dag))
    assert shown["subject"].endswith("2 into service in place of 1? The gate says PASS")
    assert "Asked for by ann: hashtags" in shown["body"]
    assert "| candidate, 2 | 300 |" in shown["body"]
    assert "From its model card" in shown["body"]
    assert shown["timeout"].total_seconds() == 24 * 3600


def test_marking_the_approval_as_success_approves_nothing():
    from include.promotion.approved import ApprovedPromotion
    from include.promotion.errors import PromotionError

    with pytest.raises(PromotionError, match="marking the task approve as success"):
        ApprovedPromotion.only(None, None)
