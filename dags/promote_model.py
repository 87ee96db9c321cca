"""Put a trained model into service, verified and approved by a person, or put the previous one back.

**When to run it.** On demand; nothing follows into production by itself. `workload` says whose model: the
classifier of posts (`ai_tweets`), or that of another workload with a promoted model (`higgs`), whose held-out
events take the place of golden posts and whose gate has floors of its own.

| step | what happens |
|---|---|
| `decide` | scoring or rollback; where the wanted version is in service already, the run ends here |
| `score` | candidate and champion answer the same golden rows, on a model server of the run's own |
| `judge` | the gate: PASS, FAIL or INCONCLUSIVE, with reasons |
| `approve` | a person answers under *Required Actions*, and sees the comparison and the model card there |
| `back` | with `action: rollback`: finds the version that was in service before |
| `roll_out` | the version comes into service, verified at each step, or the previous one is put back |

**The rollout.** The version is loaded beside the one in service and has to answer real requests with the
candidate's own probabilities, and as fast. Then it is a canary: for `TWEETSIEVE_CANARY_SECONDS` (60) the
stream gives it a share of the posts, and both versions are compared. Then it serves, and is verified again.
Any failure puts the previous version back, verified in the same way. The task holds no worker while it waits,
and the retry of a killed worker goes on with the same rollout.

**The gate.** FAIL ends the run (in red) unless `override_reason` says why to go on, in a sentence; an empty
text is none, and one that says nothing (`n/a`, `test`) is refused. INCONCLUSIVE goes to the person, who sees
what could not be shown and about how many golden rows would show it. The candidate is `model_version`, or the
latest one trained on the dataset version.

**Approval.** *Reject*, and no answer within `TWEETSIEVE_APPROVAL_HOURS` (24), skip the rollout. With
`TWEETSIEVE_AUTO_APPROVE=true` a PASS needs no person; INCONCLUSIVE and an override always do. A rollback
asks nobody: whoever starts it is responsible. With
`TWEETSIEVE_ALLOW_OWN_APPROVAL=false`, which is the default with `TWEETSIEVE_PRODUCTION`, somebody else has to
approve than who started the run: one's own yes is in the ledger as a no, and the task fails; cleared, it asks
again. `airflow dags test` waits for the answer, in the UI or by the
API of a stack on the same database; where there is none, use the setting. Marking `approve` as success
(`--mark-success-pattern approve`) approves nothing: `roll_out` then refuses.

**What it leaves.** A row in the append-only `promotion` table, however it ends: from, to, outcome,
approver, reason, override, the evidence and its hash. The evidence is in `promotion_evidence` too, and as
`gate.md` and `gate.json` beside the model card; what both models answered, in `promotion_scoring`. The
dashboard's page *In production* shows them.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import get_current_context, task
from dataset_version import VERSION
from form_params import choice_param, integer_param, name_param, text_param
from model_rollout import ModelRollout
from promotion_approval import PromotionApproval, request_of
from versioned_dag import fails_at_once, versioned_dag

with versioned_dag(
    "promote_model",
    __doc__,
    params={
        "workload": name_param("ai_tweets", "Whose model."),
        "action": choice_param("promote", ["promote", "rollback"], "What to do."),
        "model_version": integer_param(
            None, "Which model; none: the version's latest.", minimum=1, maximum=2**31 - 1
        ),
        "reason": text_param("Why; goes into the ledger."),
        "override_reason": text_param(
            "Only to go on against a FAIL: why, in a sentence; goes into the ledger. Else leave it empty."
        ),
    },
) as dag:

    @task.branch(retries=0)
    @fails_at_once
    def decide(version: str, params: Any = None) -> str | None:
        """The next task: scoring, rollback, or none."""
        from include.promotion.workflow.tasks import decide
        from include.streaming.control.promoted import promotion_settings

        request_of(get_current_context())  # a reason that is none is refused before anything is done
        settings = promotion_settings(params["workload"])
        return decide(params["action"], version, params["model_version"], settings)

    @task
    @fails_at_once
    def score(version: str, params: Any = None) -> int:
        """Ask both models; returns the number of the scoring."""
        from include.promotion.workflow.tasks import score_wanted
        from include.streaming.control.promoted import promotion_settings

        settings = promotion_settings(params["workload"])
        return score_wanted(version, params["model_version"], settings)

    @task
    @fails_at_once
    def judge(scoring: int, params: Any = None) -> str:
        """Apply the gate's rules; returns the evidence's hash."""
        from include.promotion.workflow.tasks import judge_candidate
        from include.streaming.control.promoted import promotion_settings

        request = request_of(get_current_context())
        return judge_candidate(scoring, request, promotion_settings(params["workload"])).evidence_hash

    @task
    @fails_at_once
    def back(params: Any = None) -> dict[str, Any]:
        """Find the version that was in service before."""
        from include.promotion.workflow.tasks import plan_rollback
        from include.streaming.control.promoted import promotion_settings

        settings = promotion_settings(params["workload"])
        return plan_rollback(request_of(get_current_context()), settings).to_json()

    scored, returned = score(VERSION), back()
    approve = PromotionApproval(task_id="approve", evidence_hash=judge(scored))
    decide(VERSION) >> [scored, returned]
    roll_out = ModelRollout(
        task_id="roll_out",
        approved=[approve.output, returned],
        workload="{{ params.workload }}",
        trigger_rule="none_failed_min_one_success",
    )
