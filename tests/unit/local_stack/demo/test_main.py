"""What ``make demo`` is asked for, before anything is started."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from include.local_stack.airflow.reply import Reply
from include.local_stack.demo import other_workloads
from include.local_stack.demo.__main__ import main
from include.settings import Settings
from include.streaming.demonstration import Demonstration
from include.streaming.registry import UnknownWorkload, workload_named


@pytest.fixture(autouse=True)
def nothing_starts(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def started(_: object) -> None:
        pytest.fail("something was started")

    for module in ("main_job", "other_workloads"):
        monkeypatch.setattr(f"include.local_stack.demo.{module}.started", started)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--source", "dump"], "DUMP"),
        (["--dump", "no/such/file.jsonl"], "no/such/file.jsonl"),
        (["--version", "-1"], "'-1'"),
        (["--version", "three"], "'three'"),
        (["--workload", "nope"], "'nope' is none of: "),
        (["--workload", "quiet"], "quiet declares no demo"),
        (
            ["--workload", "quiet", "--dump", __file__, "--posts", "5"],
            "DUMP, POSTS: only for WORKLOAD=ai_tweets",
        ),
    ],
)
def test_wrong_arguments_are_named(
    arguments: list[str], complaint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    declare(monkeypatch, quiet=replace(workload_named("ai_tweets"), name="quiet", demo=None))
    assert main(arguments) == 2
    assert complaint in capsys.readouterr().err


def test_a_workloads_own_demo_runs_dags_and_prints(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def demo(stack: Demonstration) -> None:
        stack.run_dag("train_loud", {"rows": 5}, timeout=60)
        stack.run_dag("promote_loud", {}, timeout=60, approve="loud enough")
        stack.say("seven rows")

    airflow = RecordedAirflow()
    declare(monkeypatch, loud=replace(workload_named("ai_tweets"), name="loud", demo=demo))
    monkeypatch.setattr(other_workloads, "started", lambda settings: airflow)
    assert main(["--workload", "loud"]) == 0
    assert airflow.calls == [
        ("trigger", "train_loud", 0, {"rows": 5}),
        ("wait", "train_loud", "run 1", 60),
        ("trigger", "promote_loud", 0, {}),
        ("wait", "promote_loud", "run 1", 60, ("Approve", {"why": "loud enough"})),
    ]
    assert "seven rows" in capsys.readouterr().out


def test_a_demo_that_fails_has_another_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def demo(stack: Demonstration) -> None:
        raise TimeoutError("no rows within 60 s")

    declare(monkeypatch, loud=replace(workload_named("ai_tweets"), name="loud", demo=demo))
    monkeypatch.setattr(other_workloads, "started", lambda settings: RecordedAirflow())
    assert main(["--workload", "loud"]) == 1


class RecordedAirflow:
    """Records what the REST API was asked for."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def trigger(self, dag_id: str, version: int, conf: dict[str, Any]) -> str:
        self.calls.append(("trigger", dag_id, version, conf))
        return "run 1"

    def wait(self, dag_id: str, run_id: str, timeout: float, reply: Reply | None = None) -> None:
        answer = [(reply.option, reply.inputs)] if reply else []
        self.calls.append(("wait", dag_id, run_id, timeout, *answer))


def declare(monkeypatch: pytest.MonkeyPatch, **workloads: Any) -> None:
    """Have these workloads, and none else."""

    def named(name: str, _: Settings) -> Any:
        if name not in workloads:
            raise UnknownWorkload(f"workload {name!r} is none of: {', '.join(workloads)}")
        return workloads[name]

    monkeypatch.setattr(other_workloads, "workload_named", named)
    monkeypatch.setattr(other_workloads, "workload_names", lambda _: tuple(workloads))
