"""``make demo`` on synthetic posts, and what users do with Airflow afterwards."""

from __future__ import annotations

import json
import time

import httpx
import pytest

from include.infra.postgres.connection import connect
from include.local_stack.airflow.api import FINISHED, AirflowApi
from include.local_stack.airflow.reply import Reply
from include.local_stack.airflow.server import admin_password, url
from include.local_stack.airflow.testing_dags import left_alone
from tests.support.models import tiny_models
from tests.support.models.model_in_store import add_model

pytestmark = [pytest.mark.chain, pytest.mark.timeout(5400)]


@pytest.fixture(scope="module")
def summary(stack):
    done = stack.python("-m", "include.local_stack.demo", "--posts", "3000", "--version", "1", timeout=4800)
    assert done.returncode == 0, done.stdout[-8000:]
    return json.loads((stack.settings.state_dir / "summary.json").read_text())


def test_the_demo_does_all_of_it(summary):
    rows = {table: entry["rows"] for table, entry in summary["tables"].items()}
    assert summary["version"] == 1
    assert rows["raw_tweet_dataset_1"] > rows["deduplicated_raw_tweet_dataset_1"] > 0
    splits = [rows[f"{name}_dataset_1"] for name in ("test", "dev", "snorkel_train", "train")]
    assert all(splits)
    assert sum(splits) == rows["deduplicated_raw_tweet_dataset_1"]
    assert len(summary["labelling"]) >= 8
    assert summary["model_version"] >= 1
    assert summary["stream"]["of them live"] >= 100
    assert summary["stream"]["AI posts with links"] > 0
    assert summary["judged_by"].startswith("weak labels")


def test_a_person_was_asked_and_is_in_the_ledger(stack, summary):
    """Without golden labels the gate can't tell; whoever answers lets it through by their name."""
    with connect(stack.settings) as connection:
        (row,) = connection.execute(
            "SELECT outcome, approver, reason, override, to_version, evidence -> 'gate' ->> 'verdict' "
            "FROM promotion WHERE reason LIKE 'make demo%' ORDER BY id LIMIT 1"
        ).fetchall()
    assert row == (
        "promoted",
        "admin",
        "make demo; the demo looks at what its own model does",
        False,
        summary["model_version"],
        "INCONCLUSIVE",
    )


def test_live_posts_are_classified_by_the_model_in_service(stack, summary):
    with connect(stack.settings) as connection:
        versions = connection.execute("SELECT DISTINCT model_version FROM ai_tweets").fetchall()
    assert versions == [(summary["model_version"],)]


def test_the_pages_answer(stack, summary):
    for name in ("tagger", "dashboard"):
        assert httpx.get(f"{summary['addresses'][name]}/_stcore/health", timeout=60).text == "ok"


def test_housekeeping_passes_over_a_stack_that_is_at_work(stack, summary, dags_test):
    assert "old rows and files removed" in dags_test("keep_house", "{}")


def test_drain_stops_the_stream_and_its_feed(stack, summary, dags_test):
    dags_test("stream_classifier", '{"action": "drain"}')
    done = stack.python("-m", "include.local_stack", "status")
    programs = {line.split()[0]: line.split()[1] for line in done.stdout.splitlines() if line.strip()}
    assert {programs[name] for name in ("stream-ai_tweets", "feed", "replay")} == {"STOPPED"}
    with connect(stack.settings) as connection:
        assert connection.execute("SELECT count(*) FROM stream_lease").fetchone() == (0,)


def test_a_no_leaves_production_alone(stack, summary):
    """Somebody says no to another model of the version; not even a task that forgives skips runs."""
    api = _api(stack)
    second = add_model(stack.settings, 1, tiny_models.classifier)
    conf = {"model_version": second, "reason": "second", "override_reason": "a person is to be asked"}
    run_id = api.trigger("promote_model", 1, conf)
    api.wait("promote_model", run_id, timeout=1800, reply=Reply("Reject", {"why": "not on a Friday"}))
    states = api.states("promote_model", run_id)
    assert (states["approve"], states["roll_out"]) == ("success", "skipped")
    with connect(stack.settings) as connection:
        row = connection.execute(
            "SELECT outcome, approver, reason, from_version FROM promotion ORDER BY id DESC LIMIT 1"
        ).fetchone()
    assert row == ("rejected", "admin", "not on a Friday", summary["model_version"])


def test_promoting_what_serves_changes_nothing(stack, summary):
    api = _api(stack)
    run_id = api.trigger("promote_model", 1, {"model_version": summary["model_version"]})
    api.wait("promote_model", run_id, timeout=600)
    states = api.states("promote_model", run_id)
    assert states.pop("decide") == "success"
    assert set(states.values()) == {"skipped"}


def test_airflow_lists_no_import_error(stack, summary):
    assert _api(stack)._call("GET", "/api/v2/importErrors")["import_errors"] == []


def test_backfill_runs_once_per_version(stack, summary):
    done = stack.python(
        "-m",
        "include.local_stack.backfill",
        "--dag",
        "clean_dataset",
        "--versions",
        "5-7",
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    runs = _wait_for_runs(stack, "clean_dataset", 3)
    assert sorted((run["partition_key"], run["state"]) for run in runs) == [
        ("5", "success"),
        ("6", "success"),
        ("7", "success"),
    ]


def test_the_scheduler_leaves_a_run_of_dags_test_alone(stack, summary, dags_test):
    """Nor is the DAG left paused afterwards, or one that somebody had paused let go."""
    api = _api(stack)
    assert "clean_dataset is paused" in dags_test("clean_dataset", '{"version": 9}')
    assert not api.is_paused("clean_dataset")
    with left_alone("clean_dataset", stack.settings):
        assert api.is_paused("clean_dataset")
        with left_alone("clean_dataset", stack.settings):
            pass
        assert api.is_paused("clean_dataset")
    assert not api.is_paused("clean_dataset")


@pytest.mark.parametrize(
    ("conf", "named"),
    [
        (["--source", "dump"], "DUMP"),
        (["--dump", "no/such/file.jsonl"], "no/such/file.jsonl"),
        (["--version", "-1"], "'-1'"),
        (["--version", "three"], "'three'"),
    ],
)
def test_wrong_arguments_are_named_before_anything_starts(stack, conf, named):
    done = stack.python("-m", "include.local_stack.demo", *conf)
    assert done.returncode == 2
    assert named in done.stdout


def _api(stack):
    return AirflowApi(url(stack.settings), "admin", admin_password(stack.settings))


def _wait_for_runs(stack, dag_id, count):
    api = _api(stack)
    deadline = time.monotonic() + 900
    while time.monotonic() < deadline:
        runs = api.runs(dag_id)
        if len(runs) >= count and all(run["state"] in FINISHED for run in runs):
            return runs
        time.sleep(1)
    raise AssertionError(f"{dag_id}: {runs}")
