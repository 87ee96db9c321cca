"""Delete what is older than its limit, so that no table, log or folder grows without end.

**When to run it.** By itself, at the times that `TWEETSIEVE_KEEP_HOUSE_SCHEDULE` says (cron, UTC; by default
every night at 03:45, after the backup), and on demand. It disturbs no stream and no page: it deletes in small
batches, and passes over rows that are in use.

**What it deletes.** Old rows of the streams' results and of their bookkeeping, links, dead letters, closed
incidents, Airflow's finished runs and its logs, checkpoints that were put aside, and what killed tasks left
unfinished. Each has a limit in days, a setting `TWEETSIEVE_KEEP_..._DAYS`; 0 keeps it for ever. See
`docs/retention.md`.

**What it never touches.** People's labels, the promotion ledger and its evidence, models, dataset versions,
the streams' latest positions in Kafka, and runs that have not ended.

**What it renews.** The promoter's token of a Kubernetes cluster, in the kubeconfig, when half of its life is
over (`docs/secrets.md`).

**What it leaves.** The log says how much of each kind was removed. It can be stopped at any time: the next
run goes on with the rest. `make keep-house ARGS=--dry-run` only counts, and `ARGS=--sizes` shows how much
there is of everything.
"""

from __future__ import annotations

from airflow.sdk import task
from versioned_dag import fails_at_once, scheduled_dag

from include.settings import get_settings

with scheduled_dag("keep_house", __doc__, get_settings().keep_house_schedule) as dag:

    @task
    @fails_at_once
    def keep_house() -> dict[str, int]:
        """Delete what is old; returns how many of each kind went."""
        from include.housekeeping.keep_house import keep_house

        return keep_house()

    @task
    @fails_at_once
    def renew_token() -> str | None:
        """Where promotion rolls out to a cluster: renew its token; returns until when a new one holds."""
        from include.promotion.targets.kubernetes.token import renew_token_when_due

        ends = renew_token_when_due(get_settings())
        return ends.isoformat() if ends else None

    keep_house()
    renew_token()
