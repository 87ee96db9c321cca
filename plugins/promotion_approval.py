"""A person's yes or no between the gate and the rollout."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Context, Param
from versioned_dag import fails_at_once

from include.promotion.approved import Asked
from include.settings import get_settings

WHY = Param(
    "",
    type="string",
    maxLength=500,
    title="Why",
    description="Your reason; it goes into the ledger.",
    source="task",
)


class PromotionApproval(ApprovalOperator):
    """Shows the comparison and the model card's summary under *Required Actions*, and waits without a worker.

    Reject, and no answer in time, skip everything that follows, and are in the ledger. Where the setting
    ``auto_approve`` is on, a PASS is approved without asking. The result is an
    ``include.promotion.approved.ApprovedPromotion`` as JSON; a task that was marked as success by hand has
    none, and the rollout refuses to go on without.

    Args:
        evidence_hash: which evidence it is about; a template.
    """

    template_fields = ("evidence_hash",)

    def __init__(self, *, evidence_hash: Any, params: Any = None, **kwargs: Any) -> None:
        super().__init__(
            subject="Put a model into service?",
            defaults="Reject",
            ignore_downstream_trigger_rules=True,
            params={"why": WHY},  # the form has none of the DAG's own, which come along as `params`
            **kwargs,
        )
        self.evidence_hash = evidence_hash

    @fails_at_once
    def execute(self, context: Context) -> Any:
        """Ask, unless the setting has answered."""
        from include.promotion.approval import auto_approved, body, subject
        from include.promotion.evidence import read_evidence

        settings, asked = get_settings(), asked_for(context)
        judged = read_evidence(settings, self.evidence_hash)
        if approved := auto_approved(judged, asked, settings):
            self.log.info("approved by the setting auto_approve: the gate says %s", judged.verdict)
            return approved.to_json()
        self.subject, self.body = subject(judged), body(judged, asked, settings)
        self.response_timeout = timedelta(hours=settings.approval_hours)
        return super().execute(context)

    @fails_at_once
    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Take the answer down; a no ends the run here."""
        from include.promotion.approval import settle
        from include.promotion.evidence import read_evidence

        approved = None
        if "error" not in event:
            settings = get_settings()
            judged = read_evidence(settings, self.evidence_hash)
            approved = settle(judged, asked_for(context), _answer(event), settings)
        super().execute_complete(context, event)
        return approved and approved.to_json()


def asked_for(context: Any) -> Asked:
    """Who started the run, when, and what they gave as reasons."""
    run, params = context["dag_run"], context["params"]
    return Asked(run.triggering_user_name, params["reason"], params["override_reason"], run.start_date)


def _answer(event: dict[str, Any]) -> Any:
    from include.promotion.approval import Answer

    who = event.get("responded_by_user") or {}
    why = (event.get("params_input") or {}).get("why") or ""
    approved = event["chosen_options"] == [PromotionApproval.APPROVE]
    return Answer(approved, who.get("name") or who.get("id"), why)
