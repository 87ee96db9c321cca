"""A newcomer with a browser: logs in by the README's text, and starts everything by Airflow's own forms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from include.infra.postgres.connection import connect
from include.infra.waiting import until
from include.local_stack.airflow.api import AirflowApi
from include.local_stack.airflow.reply import BEATS, WAITING
from include.local_stack.airflow.testing_dags import left_alone
from include.settings import PROJECT_ROOT

pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")


from playwright.sync_api import Locator, expect

from tests.support.airflow.pages import CHROMIUM, AirflowPages, logged_in

pytestmark = [
    pytest.mark.chain,
    pytest.mark.browser,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the PATH (Debian: apt-get install chromium)"),
]
WITHOUT_A_FORM = {"back_up", "keep_house"}
DAG_IDS = sorted({path.stem for path in (PROJECT_ROOT / "dags").glob("*.py")} - WITHOUT_A_FORM)
VERSION = 21
FOLLOWERS = ("build_dataset", "label_dataset", "train_classifier")


@pytest.fixture(scope="module")
def account(stack) -> tuple[str, str, str]:
    """Address, user and password, by what the README and ``make status`` say."""
    readme = (PROJECT_ROOT / "README.md").read_text()
    assert "Log in to Airflow as `admin`; `make status` says where the password is" in readme
    done = stack.python("-m", "include.local_stack", "status")
    said = re.search(r"^airflow +(\S+) +log in as (\w+); the password is in (\S+)$", done.stdout, re.M)
    assert said, done.stdout
    url, user, place = said.groups()
    password = json.loads((PROJECT_ROOT / place).read_text())[user]
    assert password not in done.stdout
    return url, user, password


@pytest.fixture(scope="module")
def pages(account) -> Iterator[AirflowPages]:
    url, user, password = account
    with logged_in(url, user, password) as opened:
        yield opened


@pytest.fixture(scope="module")
def api(account) -> AirflowApi:
    return AirflowApi(*account)


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_every_form_can_be_sent_as_it_opens_and_refuses_what_is_bad(stack, pages, api, dag_id):
    """Nothing runs meanwhile: the DAG is paused, and the run that was started is deleted."""
    with left_alone(dag_id, stack.settings):
        run_id = pages.start(pages.open_form(dag_id))
        run = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}"
        api._call("PATCH", run, json={"state": "failed"})
        api._client.delete(run).raise_for_status()
        before = len(api.runs(dag_id))
        form = pages.open_form(dag_id)
        schemas = _schemas(api, dag_id)
        version = 0 if "version" in schemas else None
        for name, schema in schemas.items():
            _try_in_the_form(pages, form, name, schema)
            for bad in _bad_values(schema):
                with pytest.raises(httpx.HTTPStatusError, match=f"Invalid input for param {name}"):
                    api.trigger(dag_id, version, {name: bad})
        assert len(api.runs(dag_id)) == before


def _try_in_the_form(pages: AirflowPages, form: Locator, name: str, schema: dict[str, Any]) -> None:
    """A number that is no integer is refused, and named; a text that is too long can't be typed.

    What was in the field is there again afterwards.
    """
    if "integer" in schema.get("type", ""):
        given = pages.field(form, name).input_value()
        if pages.fill(form, name, "3.5") == "3.5":
            answer = pages.send(form)
            assert answer.status == 400
            assert f"Invalid input for param {name}: 3.5" in answer.json()["detail"]
            pages.page.get_by_text(f"Invalid input for param {name}").first.wait_for()
        pages.fill(form, name, given)
    elif "maxLength" in schema and "examples" not in schema:
        given = pages.field(form, name).input_value()
        typed = pages.fill(form, name, "x" * (schema["maxLength"] + 1))
        assert len(typed) == schema["maxLength"]
        pages.fill(form, name, given)


def test_a_version_by_the_form_reaches_the_pages(stack, pages, api):
    """Collect, build, label, train by one form; then promote by another, with no override."""
    began = datetime.now(UTC)
    form = pages.open_form("collect_tweets")
    pages.fill(form, "version", str(VERSION))
    pages.fill(form, "posts", "1500")
    collecting = pages.start(form)
    api.wait("collect_tweets", collecting, timeout=900)
    assert f"version_{VERSION}" in collecting
    pages.see_run("collect_tweets", collecting)
    for dag_id in FOLLOWERS:
        following = api.wait_for_follower(dag_id, VERSION, began, timeout=600)
        assert f"version_{VERSION}" in following
        api.wait(dag_id, following, timeout=1800)
        pages.see_run(dag_id, following)

    form = pages.open_form("promote_model")
    pages.fill(form, "version", str(VERSION))
    promoting = pages.start(form)
    _until_asked(api, promoting)
    pages.approve("promote_model", promoting, "approve", "it reads well")
    api.wait("promote_model", promoting, timeout=1800)
    with connect(stack.settings) as connection:
        row = connection.execute(
            "SELECT to_version, outcome, approver, override, reason FROM promotion ORDER BY id DESC LIMIT 1"
        ).fetchone()
    assert row is not None
    model, *rest = row
    assert rest == ["promoted", "admin", False, "it reads well"]
    pages.page.goto(f"http://{stack.settings.host}:{stack.settings.dashboard_port}")
    pages.page.get_by_role("link", name="In production").click()
    in_service = pages.page.get_by_test_id("stMetric").filter(has_text="Model version on local")
    expect(in_service.get_by_test_id("stMetricValue")).to_have_text(str(model))


def _until_asked(api: AirflowApi, run_id: str) -> None:
    """And until the scheduler is ready for the answer."""
    beats: set[str] = set()

    def asked() -> bool:
        if api.states("promote_model", run_id)["approve"] == WAITING:
            beats.add(api.heartbeat())
        return len(beats) >= BEATS

    assert until(asked, 900, 1.0), api.states("promote_model", run_id)


def _schemas(api: AirflowApi, dag_id: str) -> dict[str, dict[str, Any]]:
    details = api._call("GET", f"/api/v2/dags/{dag_id}/details")
    return {name: param["schema"] for name, param in details["params"].items()}


def _bad_values(schema: dict[str, Any]) -> list[Any]:
    kind = schema.get("type", "")
    if "integer" in kind:
        return [3.0, "3", True, schema["minimum"] - 1, schema["maximum"] + 1]
    if "boolean" in kind:
        return ["yes", 1]
    return ["no such choice"] if "enum" in schema else [5, ["a list"]]
