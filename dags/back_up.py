"""Back up what can't be made again: labels, models, the promotion ledger, Airflow's metadata.

**When to run it.** By itself, at the times that `TWEETSIEVE_BACKUP_SCHEDULE` says (cron, UTC; by default
every night at 03:15), and on demand before an upgrade. It disturbs no stream and no page.

**What it leaves.** One folder by the time of the backup in `TWEETSIEVE_BACKUP_DIR` (by default beside the
state folder), complete or not there at all, readable by its owner alone: it holds secrets. The latest
`TWEETSIEVE_BACKUP_KEEP` (7) are kept. The log says where it is and how large. Where there is no room the task
fails, and says how much is needed.

**How to restore.** `make restore FROM=<backup>`, with the stack down and an empty state folder; see
`docs/backup.md`.
"""

from __future__ import annotations

from airflow.sdk import task
from versioned_dag import fails_at_once, scheduled_dag

from include.settings import get_settings

with scheduled_dag("back_up", __doc__, get_settings().backup_schedule) as dag:

    @task
    @fails_at_once
    def back_up() -> str:
        """Make the backup and delete old ones; returns its folder."""
        from include.backup.create import back_up

        return str(back_up())

    back_up()
