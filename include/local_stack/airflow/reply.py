"""Answering a request under *Required Actions* by Airflow's REST API, as a person does on the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

WAITING = "awaiting_input"
BEATS = 3
"""Heartbeats of the scheduler before a request is answered, counting the one when it was first seen. A task
that is deferred leaves a worker that ends a moment later; until the scheduler has noticed that, it takes an
answered task for one that was killed, and fails it."""


class Api(Protocol):
    """The part of the API that a reply needs."""

    def heartbeat(self) -> str: ...

    def request_subject(self, dag_id: str, run_id: str, task_id: str) -> str: ...

    def answer(
        self, dag_id: str, run_id: str, task_id: str, option: str, inputs: Mapping[str, Any]
    ) -> None: ...

    @property
    def say(self) -> Any: ...


@dataclass
class Reply:
    """One answer, given to each request of a run, and again when a task is tried again.

    Args:
        option: such as 'Approve'.
        inputs: the form's fields.
    """

    option: str
    inputs: Mapping[str, Any]
    _beats: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    _answered: set[tuple[str, int]] = field(default_factory=set)

    def to(self, api: Api, dag_id: str, run_id: str, task: Mapping[str, Any]) -> None:
        """Answer a waiting task, once the scheduler is ready for it; no task is answered twice."""
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
