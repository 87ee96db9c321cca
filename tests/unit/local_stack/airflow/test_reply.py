"""When a request is answered: not before the scheduler can take it in, and once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from include.local_stack.airflow.reply import Reply


class Api:
    """An API whose scheduler beats at every second look."""

    def __init__(self) -> None:
        self.looks, self.answers, self.said = 0, list[Any](), list[str]()

    def heartbeat(self) -> str:
        self.looks += 1
        return str(self.looks // 2)

    def request_subject(self, dag_id: str, run_id: str, task_id: str) -> str:
        return "Yes or no?"

    def answer(self, dag_id: str, run_id: str, task_id: str, option: str, inputs: Mapping[str, Any]) -> None:
        self.answers.append((dag_id, run_id, task_id, option, dict(inputs)))

    def say(self, text: str) -> None:
        self.said.append(text)


def task(state: str, try_number: int = 1) -> dict[str, Any]:
    return {"task_id": "approve", "state": state, "try_number": try_number}


def test_an_answer_waits_for_two_further_heartbeats_and_is_given_once() -> None:
    api, reply = Api(), Reply("Approve", {"why": "fine"})
    looks_at_answer: list[int] = []
    for _ in range(10):
        reply.to(api, "d", "r", task("awaiting_input"))
        looks_at_answer += [api.looks] if len(api.answers) == 1 and not looks_at_answer else []
    assert api.answers == [("d", "r", "approve", "Approve", {"why": "fine"})]
    assert looks_at_answer == [4]  # beats 0, 1, 1, 2
    assert api.said[0] == "d.approve asks: Yes or no?"


def test_what_does_not_wait_is_left_alone() -> None:
    api, reply = Api(), Reply("Approve", {})
    for state in ("running", "success", "scheduled", "deferred"):
        reply.to(api, "d", "r", task(state))
    assert (api.answers, api.looks) == ([], 0)


def test_asked_again_it_answers_again() -> None:
    api, reply = Api(), Reply("Reject", {})
    for try_number in (1, 1, 1, 1, 2, 2, 2, 2, 2):
        reply.to(api, "d", "r", task("awaiting_input", try_number))
    assert len(api.answers) == 2
