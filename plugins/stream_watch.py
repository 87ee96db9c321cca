"""Watching a stream without a worker: the task sleeps in the triggerer for as long as the stream lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException
from airflow.triggers.base import BaseTrigger, TriggerEvent

from include.errors import UserError
from include.task_log import log_result

POLL_SECONDS = 5.0


class StreamWatch(BaseTrigger):
    """Checks a workload's stream every few seconds; fires when there is nothing left to watch.

    It holds nothing of the stream: when it is cancelled or moves to another triggerer, the stream runs on.
    """

    def __init__(self, workload: str, watcher: str, poll_seconds: float = POLL_SECONDS) -> None:
        super().__init__()
        self.workload = workload
        self.watcher = watcher
        self.poll_seconds = poll_seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """What another triggerer builds it from."""
        values = {"workload": self.workload, "watcher": self.watcher, "poll_seconds": self.poll_seconds}
        return "stream_watch.StreamWatch", values

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Check until there is nothing left to watch; blocking calls run in a thread."""
        from include.settings import get_settings
        from include.streaming.control.supervision import check_stream

        last_state = ""
        while True:
            check = await asyncio.to_thread(check_stream, get_settings(), self.workload, self.watcher)
            if check.state != last_state:
                self.log.info("%s: %s %s", self.workload, check.state, check.reason)
                last_state = check.state
            if check.finished:
                yield TriggerEvent({"state": check.state, "reason": check.reason})
                return
            await asyncio.sleep(self.poll_seconds)


class WatchStream(BaseOperator):
    """Keeps a workload's stream running until it is drained."""

    template_fields = ("workload",)

    def __init__(self, *, workload: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.workload = workload

    def execute(self, context: Context) -> None:
        """Hand over to the triggerer at once.

        Raises:
            AirflowFailException: there is no such workload.
        """
        from include.streaming.registry import workload_named

        try:
            workload_named(self.workload)
        except UserError as error:
            raise AirflowFailException(str(error)) from error
        watcher = f"{context['dag_run'].dag_id}/{context['dag_run'].run_id}"
        self.defer(trigger=StreamWatch(self.workload, watcher), method_name="ended")

    def ended(self, context: Context, event: dict[str, Any]) -> str:
        """Report why the watch ended.

        Raises:
            AirflowFailException: the stream died too often.
        """
        if event["state"] == "given up":
            raise AirflowFailException(event["reason"])
        said = f"{event['state']}: {event['reason']}"
        log_result(f"the stream of {self.workload} is no longer watched: {said}")
        return said
