"""A person's approval between the gate and the rollout."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Context, Param
from form_params import LONGEST_TEXT, text_of
from started_by import started_by
from versioned_dag import fails_at_once

from include.promotion.request import PromotionRequest, override_reason
from include.task_log import log_result

WHY = Param(
    None,
    "Your reason; it goes into the ledger.",
    source="task",
    type=["null", "string"],
    maxLength=LONGEST_TEXT,
    title="Why",
)


class PromotionApproval(ApprovalOperator):
    """Shows the comparison and the model card's summary under *Required Actions*, and waits without a worker.

    Reject, and no answer in time, are written to the ledger and skip everything that follows. Where the
    setting ``auto_approve`` is on, a PASS is approved without asking. The result is an
    ``include.promotion.approved.ApprovedPromotion`` as JSON; a task that was marked as success by hand has
    no result, and the rollout refuses to go on without one.

    Args:
        evidence_hash: key of the evidence to decide by; a template.
    """

    template_fields = ("evidence_hash",)

    def __init__(self, *, evidence_hash: Any, params: Any = None, **kwargs: Any) -> None:
        super().__init__(
            subject="Put a model into service?",
            defaults="Reject",
            ignore_downstream_trigger_rules=True,
            params={"why": WHY},  # not the DAG's own, which are passed as `params`
            **kwargs,
        )
        self.evidence_hash = evidence_hash

    @fails_at_once
    def execute(self, context: Context) -> Any:
        """Ask, unless the setting has answered."""
        from include.promotion.ledger.evidence import read_evidence
        from include.promotion.workflow.approval import auto_approved, body, subject

        settings, request = _settings(context), request_of(context)
        gate = read_evidence(settings, self.evidence_hash)
        if approved := auto_approved(gate, request, settings):
            log_result(f"approved by the setting auto_approve: the gate says {gate.verdict}")
            return approved.to_json()
        self.subject, self.body = subject(gate), body(gate, request, settings)
        self.response_timeout = timedelta(hours=settings.approval_hours)
        return super().execute(context)

    @fails_at_once
    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Record the answer; a no ends the run here."""
        from include.promotion.ledger.evidence import read_evidence
        from include.promotion.workflow.approval import settle

        approved = None
        if "error" not in event:
            settings = _settings(context)
            gate = read_evidence(settings, self.evidence_hash)
            approved = settle(gate, request_of(context), _answer(event), settings)
        super().execute_complete(context, event)
        return approved and approved.to_json()


def request_of(context: Any) -> PromotionRequest:
    """Who started the run, when, and for what reasons.

    Raises:
        NoReason: the reason for an override is none.
    """
    run, params = context["dag_run"], context["params"]
    return PromotionRequest(
        started_by(run),
        text_of(params["reason"]) or "",
        override_reason(params["override_reason"]),
        run.start_date,
    )


def _settings(context: Any) -> Any:
    """Those of the run's workload; a run that an earlier release began names none."""
    from include.streaming.control.promoted import MAIN_JOB, promotion_settings

    return promotion_settings(context["params"].get("workload") or MAIN_JOB)


def _answer(event: dict[str, Any]) -> Any:
    from include.promotion.workflow.approval import ApprovalAnswer

    who = event.get("responded_by_user") or {}
    why = (event.get("params_input") or {}).get("why")
    approved = event["chosen_options"] == [PromotionApproval.APPROVE]
    return ApprovalAnswer(approved, who.get("name") or who.get("id"), text_of(why) or "")
