"""Watching the stream without a worker: the task sleeps in the triggerer for as long as the stream lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException
from airflow.triggers.base import BaseTrigger, TriggerEvent

POLL_SECONDS = 5.0


class StreamWatch(BaseTrigger):
    """Looks after a workload every few seconds; fires when there is nothing left to watch.

    It holds nothing of the stream: cancelled, or carried on by another triggerer, it leaves it running.
    """

    def __init__(self, workload: str, watcher: str, poll_seconds: float = POLL_SECONDS) -> None:
        super().__init__()
        self.workload = workload
        self.watcher = watcher
        self.poll_seconds = poll_seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """How another triggerer makes it anew."""
        values = {"workload": self.workload, "watcher": self.watcher, "poll_seconds": self.poll_seconds}
        return "stream_watch.StreamWatch", values

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look until it is over; what blocks does so in a thread of its own."""
        from include.settings import get_settings
        from include.streaming.control.supervision import look

        said = ""
        while True:
            found = await asyncio.to_thread(look, get_settings(), self.workload, self.watcher)
            if found.state != said:
                self.log.info("%s: %s %s", self.workload, found.state, found.says)
                said = found.state
            if found.over:
                yield TriggerEvent({"state": found.state, "says": found.says})
                return
            await asyncio.sleep(self.poll_seconds)


class WatchStream(BaseOperator):
    """Sees that a workload runs until it is drained."""

    def __init__(self, *, workload: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.workload = workload

    def execute(self, context: Context) -> None:
        """Hand over to the triggerer at once."""
        watcher = f"{context['dag_run'].dag_id}/{context['dag_run'].run_id}"
        self.defer(trigger=StreamWatch(self.workload, watcher), method_name="ended")

    def ended(self, context: Context, event: dict[str, Any]) -> str:
        """Say why it is over.

        Raises:
            AirflowFailException: the stream died too often.
        """
        if event["state"] == "given up":
            raise AirflowFailException(event["says"])
        return f"{event['state']}: {event['says']}"
