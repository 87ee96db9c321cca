"""Airflow's REST API, used as a person uses the UI: trigger a run, watch it, read a failed task's log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from include.infra.waiting import until
from include.local_stack.airflow.reply import Reply

FINISHED = ("success", "failed")


class RunFailed(RuntimeError):
    """A DAG run failed; the message has the last lines of the failed tasks' logs."""


@dataclass
class AirflowApi:
    """A logged-in client of the REST API (v2).

    Args:
        url: base URL of the API server.
        user, password: the account to log in with.
        say: receives one line per change of a task's state.
        patience: seconds for which a question that gets no answer is asked again; a busy or restarted server
            answers later. What changes something is sent once.
        transport: how requests travel; httpx's own by default.
        doing: shows that a wait goes on; by default nothing does.
    """

    url: str
    user: str
    password: str = field(repr=False)
    say: Callable[[str], None] = print
    poll_seconds: float = 1.0
    patience: float = 300.0
    transport: httpx.BaseTransport | None = field(default=None, repr=False)
    doing: Callable[[str], AbstractContextManager[None]] = field(
        default=lambda what: nullcontext(), repr=False
    )

    def __post_init__(self) -> None:
        self._client = httpx.Client(base_url=self.url, timeout=60, transport=self.transport)
        self._log_in()

    def trigger(self, dag_id: str, version: int | None, conf: dict[str, Any]) -> str:
        """Start a run of a dataset version, or of a DAG that knows none (None); returns its run id.

        Raises:
            httpx.HTTPStatusError: the API refuses it; its answer is in the message.
        """
        body: dict[str, Any] = {"logical_date": None, "conf": conf}
        if version is not None:
            body["partition_key"] = str(version)
        run = self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", json=body)
        return str(run["dag_run_id"])

    def dag_ids(self) -> list[str]:
        """The DAGs that Airflow knows."""
        return [dag["dag_id"] for dag in self._call("GET", "/api/v2/dags", params={"limit": 100})["dags"]]

    def is_paused(self, dag_id: str) -> bool:
        """Whether the DAG is paused."""
        return bool(self._call("GET", f"/api/v2/dags/{dag_id}")["is_paused"])

    def set_paused(self, dag_id: str, paused: bool) -> None:
        """Pause a DAG, or resume it."""
        self._call("PATCH", f"/api/v2/dags/{dag_id}", json={"is_paused": paused})

    def wait_for_follower(self, dag_id: str, version: int, since: datetime, timeout: float) -> str:
        """Wait until an asset has started a run of ``version``; returns its run id.

        Raises:
            TimeoutError: no such run began within ``timeout`` seconds.
        """

        def follower() -> str | None:
            for run in self.runs(dag_id):
                if run["partition_key"] == str(version) and _time(run["run_after"]) >= since:
                    return str(run["dag_run_id"])
            return None

        run_id = until(follower, timeout, self.poll_seconds)
        if run_id is None:
            raise TimeoutError(f"{dag_id} did not start for version {version} within {timeout:.0f} s")
        return run_id

    def wait(self, dag_id: str, run_id: str, timeout: float, reply: Reply | None = None) -> None:
        """Wait for a run's end, reporting each change of a task's state.

        Args:
            reply: the answer to whatever the run asks a person.

        Raises:
            RunFailed: it failed.
            TimeoutError: it did not end within ``timeout`` seconds.
        """
        seen: dict[str, str] = {}

        def final_state() -> str | None:
            state = self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["state"]
            tasks = self._tasks(dag_id, run_id)
            self._say_changes(dag_id, tasks, seen)
            if reply:
                for task in tasks:
                    reply.to(self, dag_id, run_id, task)
            return state if state in FINISHED else None

        with self.doing(dag_id):
            state = until(final_state, timeout, self.poll_seconds)
        if state is None:
            raise TimeoutError(f"{dag_id} ({run_id}) did not end within {timeout:.0f} s")
        self._finish(dag_id, run_id, state)

    def heartbeat(self) -> str:
        """The time of the scheduler's last heartbeat."""
        return str(self._call("GET", "/api/v2/monitor/health")["scheduler"]["latest_scheduler_heartbeat"])

    def request_subject(self, dag_id: str, run_id: str, task_id: str) -> str:
        """The subject of what a task asks a person."""
        return str(self._call("GET", _request_path(dag_id, run_id, task_id))["subject"])

    def answer(self, dag_id: str, run_id: str, task_id: str, option: str, inputs: Mapping[str, Any]) -> None:
        """Answer what a task asks, as the user that is logged in."""
        body = {"chosen_options": [option], "params_input": dict(inputs)}
        self._call("PATCH", _request_path(dag_id, run_id, task_id), json=body)

    def _say_changes(self, dag_id: str, tasks: list[dict[str, Any]], seen: dict[str, str]) -> None:
        for task in tasks:
            name, state = task["task_id"], task["state"] or "waiting"
            if seen.get(name) != state and state not in ("waiting", "scheduled", "queued"):
                took = f" after {task['duration']:.0f} s" if state in FINISHED and task["duration"] else ""
                self.say(f"{dag_id}.{name}: {state}{took}")
            seen[name] = state

    def _finish(self, dag_id: str, run_id: str, state: str) -> None:
        if state == "success":
            return
        failed = [task for task in self._tasks(dag_id, run_id) if task["state"] == "failed"]
        logs = "\n".join(self._log_tail(dag_id, run_id, task) for task in failed)
        raise RunFailed(f"{dag_id} ({run_id}) failed\n{logs}")

    def _log_tail(self, dag_id: str, run_id: str, task: dict[str, Any], lines: int = 25) -> str:
        instance = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task['task_id']}"
        path = f"{instance}/logs/{task['try_number']}"
        content = self._call("GET", path, params={"full_content": "true"})["content"]
        texts = [line for entry in content for line in _log_lines(entry)]
        return "\n".join([f"--- {task['task_id']}, the end of its log:", *texts[-lines:]])

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """The latest 20 runs of a DAG, the newest first."""
        params = {"order_by": "-run_after", "limit": 20}
        return list(self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns", params=params)["dag_runs"])

    def states(self, dag_id: str, run_id: str) -> dict[str, str | None]:
        """The state of each task of a run."""
        return {task["task_id"]: task["state"] for task in self._tasks(dag_id, run_id)}

    def _tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        return list(
            self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances")["task_instances"]
        )

    def _patiently(self, ask: Callable[[], httpx.Response]) -> Callable[[], httpx.Response]:
        again = Retrying(
            retry=retry_if_exception_type(httpx.TransportError),
            stop=stop_after_delay(self.patience),
            wait=wait_fixed(self.poll_seconds),
            reraise=True,
        )
        return partial(again, ask)

    def _log_in(self) -> None:
        answer = self._client.post("/auth/token", json={"username": self.user, "password": self.password})
        answer.raise_for_status()
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def _call(self, method: str, path: str, **kwargs: Any) -> dict[str, Any]:
        send = partial(self._client.request, method, path, headers={"Accept": "application/json"}, **kwargs)
        ask = self._patiently(send) if method == "GET" else send
        answer = ask()
        if answer.status_code == httpx.codes.UNAUTHORIZED:  # a token lives a day, a demo's stack may be older
            self._log_in()
            answer = ask()
        if answer.is_error:
            raise httpx.HTTPStatusError(
                f"{method} {path}: {answer.status_code} {answer.text[:500]}",
                request=answer.request,
                response=answer,
            )
        return dict(answer.json())


def _request_path(dag_id: str, run_id: str, task_id: str) -> str:
    return f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/-1/hitlDetails"


def _log_lines(entry: dict[str, Any] | str) -> list[str]:
    """A log entry's text, and the errors it carries; the markers of folded groups are left out."""
    if isinstance(entry, str):
        return [entry]
    errors = [f"{error['exc_type']}: {error['exc_value']}" for error in entry.get("error_detail") or []]
    return [line for line in [entry["event"], *errors] if not line.startswith("::")]


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
