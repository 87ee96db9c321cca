"""``make backfill``: what it hands to Airflow, and how it tells what Airflow says."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from include.local_stack import backfill
from include.local_stack.backfill import backfill_arguments, dag_ids, main, param_names
from include.settings import PROJECT_ROOT, Settings


@pytest.fixture
def airflow(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> dict[str, Any]:
    """Stands for Airflow's command: what it was called with, and how it ends."""
    said: dict[str, Any] = {"code": 0, "out": "", "err": "", "called": None}

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        said["called"] = command[3:]
        return subprocess.CompletedProcess(command, said["code"], said["out"], said["err"])

    monkeypatch.setattr(backfill.subprocess, "run", run)
    monkeypatch.setattr("include.settings.get_settings", lambda: settings)
    monkeypatch.setattr("include.infra.processes.supervisor.states", lambda settings: {"scheduler": "up"})
    monkeypatch.setattr("include.local_stack.environment.environment", lambda settings: {})
    return said


def test_a_range_of_versions_is_handed_over(
    airflow: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--dag=collect_tweets", "--versions=3-5", '--conf={"posts": 10}']) == 0
    assert airflow["called"] == backfill_arguments("collect_tweets", 3, 5, {"posts": 10})
    assert "3 runs of collect_tweets, versions 3 to 5: follow them at http://" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("out", "err", "said"),
    [
        (
            "",
            "Traceback (most recent call last):\n  File x\nairflow.InvalidBackfillConf: posts is 'x'\n",
            "InvalidBackfillConf: posts is 'x'",
        ),
        (
            "",
            "Traceback (most recent call last):\n  File x\njsonschema.ValidationError: first\n\n"
            "Traceback (most recent call last):\n  raise Refused(str(e)) from e\n"
            "a.b.Refused: Invalid input for param posts: -1 is less than 1\n\n"
            "Failed validating 'minimum' in schema:\n    {'minimum': 1}\n\nOn instance:\n    -1\n",
            "Refused: Invalid input for param posts: -1 is less than 1",
        ),
        ("Warning: No runs to create\n", "[INFO] some log\n", "Warning: No runs to create"),
        ("", "", "it gave no reason"),
    ],
)
def test_what_airflow_complains_about_is_one_line(
    airflow: dict[str, Any], out: str, err: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    airflow |= {"code": 1, "out": out, "err": err}
    assert main(["--dag=collect_tweets", "--versions=3"]) == 2
    told = capsys.readouterr()
    assert told.err == f"error: Airflow did not take the backfill of collect_tweets: {said}\n"
    assert told.out == ""


def test_a_stack_that_is_down_is_named(
    airflow: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("include.infra.processes.supervisor.states", lambda settings: {})
    assert main(["--dag=collect_tweets", "--versions=3"]) == 2
    assert "the local stack is down: start it with 'make up'" in capsys.readouterr().err
    assert airflow["called"] is None


@pytest.mark.parametrize("dag_id", dag_ids())
def test_the_params_of_every_dag_are_known(dag_id: str) -> None:
    names = param_names(dag_id)
    text = (PROJECT_ROOT / "dags" / f"{dag_id}.py").read_text(encoding="utf-8")
    assert names is not None
    assert all(f'"{name}": ' in text for name in names)
    assert bool(names) == ("params={" in text)
