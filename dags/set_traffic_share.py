"""Share a stream's messages out otherwise among the versions of its model, while it runs.

**When to run it.** On demand, for a workload whose route declares shares, such as `sentiment`: version A and
version B behind HTTP, 80 % and 20 % to begin with. The running stream follows with its next batch; nothing is
restarted.

**What it does.** `shares` are parts of 1 by the scorer's name, as a JSON object; a scorer that is not named
gets nothing. A message goes where the hash of its key says: the same key always to the same version for as
long as the shares are the same, and again when they are set back.

| step | what happens |
|---|---|
| `check` | what can't be done is refused, before anything is measured |
| `gather` | where one version is to get everything: its evidence is measured and stored |
| `change` | the ledger gets a row, and the stream follows it |

**Evidence.** A version other than the first of the route gets all messages only with evidence that passed,
not older than 24 hours. For `sentiment`: enough rows by that version, agreement, the shift of the
distribution, latency, and the correlation with people's ratings where some are known. `force` goes on
without, and the ledger notes it. Back to the first version needs no evidence.

**Who and why** (`changed_by`, `reason`): they go into the ledger. Who is left empty is who started the run.

**What it leaves.** A row of the append-only table `traffic_share`, and one of `share_evidence` where
something was measured. The page of the workload shows both.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param, get_current_context, task
from form_params import name_param, text_of, text_param
from started_by import named_or_started_by
from versioned_dag import fails_at_once, versioned_dag

with versioned_dag(
    "set_traffic_share",
    __doc__,
    params={
        "workload": name_param("sentiment", "Whose messages."),
        "shares": Param(
            {"version_a": 0.8, "version_b": 0.2},
            type="object",
            additionalProperties={"type": "number", "minimum": 0, "maximum": 1},
            minProperties=1,
            maxProperties=20,
            description="Parts of 1 by scorer.",
        ),
        "reason": text_param("Why; goes into the ledger."),
        "changed_by": text_param("Who; none: who starts the run.", longest=100),
        "force": Param(False, type="boolean", description="Give one version everything without evidence."),
    },
) as dag:

    @task
    @fails_at_once
    def check(params: Any = None) -> None:
        """Refuse what can't be done."""
        from include.streaming.control.shares import check_change

        check_change(
            params["workload"],
            params["shares"],
            named_or_started_by(params["changed_by"], get_current_context()),
            text_of(params["reason"]),
        )

    @task
    @fails_at_once
    def gather(params: Any = None) -> int | None:
        """Measure what speaks for giving one version everything; returns the number of the evidence."""
        from include.streaming.control.shares import gather_where_possible

        return gather_where_possible(params["workload"], params["shares"], force=params["force"])

    @task
    @fails_at_once
    def change(params: Any = None) -> None:
        """Write the ledger; the stream follows with its next batch."""
        from include.streaming.control.shares import set_shares

        set_shares(
            params["workload"],
            params["shares"],
            changed_by=named_or_started_by(params["changed_by"], get_current_context()) or "",
            reason=text_of(params["reason"]) or "",
            force=params["force"],
        )

    check() >> gather() >> change()
