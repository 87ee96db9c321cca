"""Answering a request under *Required Actions* by Airflow's REST API, as a person does on the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

WAITING = "awaiting_input"
BEATS = 3
"""Heartbeats of the scheduler, the one at first sight among them, before a request is answered. A task that
parks leaves a worker that ends a moment later; until the scheduler has taken that in, an answer looks to it
like a task that was killed, and fails it."""


class Api(Protocol):
    """What of the API a reply needs."""

    def heartbeat(self) -> str: ...

    def request_subject(self, dag_id: str, run_id: str, task_id: str) -> str: ...

    def answer(
        self, dag_id: str, run_id: str, task_id: str, option: str, inputs: Mapping[str, Any]
    ) -> None: ...

    @property
    def say(self) -> Any: ...


@dataclass
class Reply:
    """One answer, given to each request of a run; asked again, as when a task is tried again, it is repeated.

    Args:
        option: such as 'Approve'.
        inputs: the form's fields.
    """

    option: str
    inputs: Mapping[str, Any]
    _beats: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    _answered: set[tuple[str, int]] = field(default_factory=set)

    def to(self, api: Api, dag_id: str, run_id: str, task: Mapping[str, Any]) -> None:
        """Answer a task that waits, once that can be taken in; does nothing for others, and nothing twice."""
        request = (task["task_id"], task["try_number"])
        if task["state"] != WAITING or request in self._answered:
            return
        beats = self._beats.setdefault(request, set())
        if not beats:
            api.say(
                f"{dag_id}.{task['task_id']} asks: {api.request_subject(dag_id, run_id, task['task_id'])}"
            )
        beats.add(api.heartbeat())
        if len(beats) >= BEATS:
            self._answered.add(request)
            api.answer(dag_id, run_id, task["task_id"], self.option, self.inputs)
            api.say(f"{dag_id}.{task['task_id']}: answered {self.option}, as a person would")
