"""Forget posts: remove their texts from everything that holds them, and keep them from coming back.

**When to run it.** By itself, at the times that `TWEETSIEVE_FORGET_SCHEDULE` says (cron, UTC; by default
every six hours): it carries out the deletion notices that the sources sent (X's, Bluesky's), and goes on
with what an earlier run did not finish. And by hand, for posts by their `ids`, all posts of an `author`, or
a `file` of ids.

**What it does.** It writes tombstones first (ids, no text): from then on collecting, building a dataset,
importing labels and the streams leave these posts out. Then it goes through every place that
`docs/deletion.md` lists: tables of all dataset versions, classified posts and links, dead letters, queues,
error buckets, exports and other files, logs. Reposts of a post go with it; other people's own posts do not,
however alike. A person's label stays, with the text taken out of it. With `dry_run`, the default, it only
counts what the form names; a run whose form names nothing carries out the notices.

**What it leaves.** A receipt, in the log, the table `forgetting_receipt` and `<state>/receipts`: for each
place how many were found and removed. Kafka deletes messages by its own limit, and the receipt says when
they are gone; with `now` it deletes at once all messages that every stream has read. Backups keep the posts
until they expire; a restore forgets them again. It can be stopped at any time: the next run completes it. A
run for posts that are forgotten already says that nothing was found.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param, task
from form_params import input_of, path_param, text_of, text_param
from started_by import started_by
from versioned_dag import fails_at_once, scheduled_dag

from include.settings import get_settings

with scheduled_dag(
    "forget_posts",
    __doc__,
    get_settings().forget_schedule,
    params={
        "ids": text_param(
            "Ids of posts, separated by commas or blanks: X's numbers, Bluesky's at:// addresses.",
            longest=10_000,
        ),
        "author": text_param("Id of an account of which all posts go: X's number, or a did:."),
        "file": path_param("A text file with an id of a post per line."),
        "reason": text_param("Why, for the record."),
        "dry_run": Param(True, type="boolean", description="Only count what the form names."),
        "now": Param(
            False, type="boolean", description="Have Kafka delete all its messages up to these posts at once."
        ),
    },
) as dag:

    @task
    @fails_at_once
    def forget(params: Any = None, dag_run: Any = None) -> int:
        """Forget what the form and the notices name; returns how many were found in all places."""
        from include.forgetting.forget import forget_posts
        from include.forgetting.request import make_request

        request = make_request(
            text_of(params["ids"]),
            text_of(params["author"]),
            input_of(params["file"], "file"),
            by=started_by(dag_run) or "the schedule",
            reason=text_of(params["reason"]),
        )
        return forget_posts(request, dry_run=params["dry_run"], now=params["now"])

    forget()
