"""Promotion on a real cluster, by the service account that it is meant for, under load.

No request is sent twice, and every answer has to come from a version that was approved at that moment.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from include.infra.postgres.connection import connect
from include.promotion.approved import ApprovedPromotion
from include.promotion.errors import PromotionFailed
from include.promotion.ledger.ledger import Ledger
from include.promotion.rollout.start import start
from include.promotion.targets.kubernetes.api import KubernetesApi
from include.promotion.targets.kubernetes.target import KubernetesTarget
from include.promotion.targets.kubernetes.token import renew_token, renew_token_when_due
from include.serving.client import ServingClient
from include.settings import PROJECT_ROOT, Settings
from tests.support.kubernetes.approval import not_approved
from tests.support.kubernetes.cluster import NAMESPACE, account_config, kubectl, render, require_cluster
from tests.support.kubernetes.cluster import testbed_manifests as manifests_of_testbed
from tests.support.kubernetes.load import Load, load_on
from tests.support.models import tiny_models
from tests.support.models.model_in_store import add_model, fill
from tests.support.promotion.rollouts import ReadsElsewhere
from tests.support.promotion.whole_promotion import current_version, promote, rollback
from tests.support.waiting import await_true

pytestmark = [pytest.mark.kubernetes, pytest.mark.stack, pytest.mark.timeout(900)]

VERSION = 7200
RATE = 230
"""Requested calls per second; a little above what has to be reached."""
SMALL_RATE = 80
"""Where a load only has to show that nobody notices what fails."""
LEAST_RATE = 50
"""Answers per second below which the machine is too slow for the test to show anything."""
CANARY_SECONDS = 6
DEADLINE_SECONDS = 12
BACK_SECONDS = 60
"""From the detection of a failure until production is verified to be as it was."""
Store = Callable[..., int]


@pytest.fixture(scope="module")
def cluster() -> None:
    require_cluster()


@pytest.fixture(scope="module")
def production(
    cluster: None, database: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """The overlay's pods on a cluster on which nothing was promoted, and golden labels to judge by."""
    folder = tmp_path_factory.mktemp("cluster")
    (folder / "serving" / "naive_text_clf").mkdir(parents=True)
    kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait")
    kubectl("apply", "--server-side", "--filename=-", given=manifests_of_testbed(folder / "serving"))
    settings = database.model_copy(
        update={
            "model_store": folder / "models",
            "serving_root": folder / "serving",
            "serving_url": "http://127.0.0.1:30125",
            "promotion_target": "kubernetes",
            "kubernetes_config": account_config("promoter", folder),
            "canary_seconds": 0.0,
        }
    )
    fill(settings, VERSION)
    yield settings
    kubectl("delete", "namespace", NAMESPACE, "--wait=false")


@pytest.fixture(scope="module")
def store(production: Settings) -> Store:
    """Puts a tiny model into the store, as a training would; returns its version."""

    def add(**arguments: Any) -> int:
        return add_model(production, VERSION, partial(tiny_models.classifier, **arguments))

    return add


@pytest.fixture(scope="module")
def first(production: Settings, store: Store) -> int:
    return roll_out(production, store())


def template(settings: Settings) -> dict:
    deployment = kubectl("get", "deployment/naive-text-clf", f"--namespace={NAMESPACE}", "--output=json")
    return json.loads(deployment.stdout)["spec"]["template"]


def answering(settings: Settings) -> int:
    with ServingClient(settings.model_url, settings.model_name, label="stable") as client:
        return client.predict(["ai"]).model_version


def outcomes(settings: Settings) -> list[tuple]:
    with connect(settings) as connection:
        return connection.execute(
            "SELECT action, from_version, to_version, outcome FROM promotion "
            "WHERE target = 'kubernetes' ORDER BY id"
        ).fetchall()


def roll_out(settings: Settings, version: int, target: KubernetesTarget | None = None) -> int:
    """What the DAG does after the gate's PASS and a person's approval."""
    in_service = Ledger(settings, "kubernetes").in_service()
    approved = ApprovedPromotion("promote", version, in_service, None, "ann", "a drill")
    return start(approved, settings, uuid4().hex, target=target).run()


def assert_unharmed(load: Load, settings: Settings, *versions: int) -> None:
    print(f"\n{load}")
    assert not load.failures
    assert load.answers.keys() == set(versions)
    assert not_approved(load, settings) == []
    assert load.rate >= LEAST_RATE, "the machine is too slow for this load to show anything"


def assert_back(settings: Settings, failed: int, before: dict[str, Any], failed_in: str) -> None:
    """The last rollout was undone in time, and the cluster is as it was."""
    query = """
        SELECT to_version, outcome, evidence ->> 'failed_in', extract(
            epoch FROM finished_at - (evidence -> 'steps' ->> 'undoing')::timestamptz)::float8
        FROM promotion WHERE target = 'kubernetes' ORDER BY id DESC LIMIT 1
    """
    with connect(settings) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    print(f"undone {row[3]:.1f} s after the failure was detected")
    assert row[:3] == (failed, "rolled_back", failed_in)
    assert row[3] < BACK_SECONDS
    assert template(settings) == before


@pytest.mark.parametrize(
    "folder", ["base", "overlays/local", "overlays/production", "stream", "another-stream"]
)
def test_the_cluster_accepts_the_manifests(production: Settings, folder: str) -> None:
    """As the API server would store them; the namespace only warns of violations of pod security."""
    kubectl("label", "namespace", NAMESPACE, "--overwrite", "pod-security.kubernetes.io/warn=restricted")
    apply = ("apply", "--server-side", "--force-conflicts", "--dry-run=server", "--filename=-")
    namespace = f"--namespace={NAMESPACE}"
    wanted = [one for one in yaml.safe_load_all(render(folder)) if one["kind"] != "Namespace"]
    assert kubectl(*apply, namespace, given=yaml.safe_dump_all(wanted)).stderr == ""


@pytest.mark.parametrize(
    ("verb", "what", "may"),
    [
        ("patch", "deployments/naive-text-clf", "yes"),
        ("create", "configmaps", "yes"),
        ("get", "configmaps", "no"),
        ("patch", "deployments/another", "no"),
        ("delete", "deployments/naive-text-clf", "no"),
        ("update", "configmaps", "no"),
        ("get", "secrets", "no"),
        ("create", "pods", "no"),
        ("create", "serviceaccounts/token", "no"),  # but its own
    ],
)
def test_the_promoter_may_no_more_than_it_does(production: Settings, verb: str, what: str, may: str) -> None:
    command = ["auth", "can-i", verb, what, f"--namespace={NAMESPACE}"]
    config = f"--kubeconfig={production.kubernetes_config}"
    done = subprocess.run(["kubectl", config, *command], capture_output=True, text=True)
    assert done.stdout.strip() == may


def test_the_promoter_renews_its_own_token(production: Settings) -> None:
    config = production.kubernetes_config
    assert config is not None
    before = config.read_text(encoding="utf-8")
    assert renew_token_when_due(production) is None, "it is young"
    ends = renew_token(production)
    assert ends is not None
    assert ends > datetime.now(UTC) + timedelta(days=1)
    assert config.read_text(encoding="utf-8") != before
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert KubernetesApi(production).deployment("naive-text-clf")
    assert renew_token(production), "with the one that it just got"


def test_the_first_promotion(production: Settings, first: int) -> None:
    assert current_version(production) == answering(production) == first
    assert outcomes(production) == [("promote", None, first, "promoted")]


def test_twice_changes_nothing(production: Settings, first: int) -> None:
    before = template(production), outcomes(production)
    assert promote(first, production).outcome == "unchanged"
    assert (template(production), outcomes(production)) == before


class Loses(ReadsElsewhere, KubernetesTarget):
    """A target that loses the weights on the way to the server."""

    def publish(self, version: int, folder: Path) -> None:
        self.stored = folder
        super().publish(version, folder)
        served = self._published.folder / str(version) / "saved_model.pb"
        served.unlink()
        served.write_bytes(b"\x0a\xff")


class Swaps(ReadsElsewhere, KubernetesTarget):
    """A target whose pods read another model than the stored one."""

    def publish(self, version: int, folder: Path) -> None:
        self.stored = folder
        other = self._published.folder.parent / "other"
        tiny_models.classifier(other, version, 0.4)
        super().publish(version, other)


@pytest.mark.parametrize(
    ("broken_by", "model", "reason"),
    [
        (Loses, {}, r"(do not stay up|timed out).*Error \(1\) saying .*model\(s\) did not become available"),
        (Swaps, {}, "answers other probabilities than the stored model"),
        (KubernetesTarget, {"delay": 600}, "is slow: 95 % of its answers take up to"),
        (KubernetesTarget, {"megabytes": 1000}, r"do not stay up.*OOMKilled"),
    ],
    ids=["never loads", "answers wrongly", "slow", "out of memory"],
)
def test_a_bad_candidate_is_stopped_for_its_own_reason(
    production: Settings, store: Store, first: int, broken_by: Any, model: dict[str, int], reason: str
) -> None:
    before, version = template(production), store(**model)
    with load_on(production, SMALL_RATE) as load, pytest.raises(PromotionFailed, match=reason) as caught:
        roll_out(production, version, broken_by(production))
    assert f"Rolled back; in service: {first}" in str(caught.value)
    assert_unharmed(load, production, first)
    assert_back(production, version, before, "loading")


def test_one_whose_pods_never_get_ready_is_taken_back(production: Settings, store: Store, first: int) -> None:
    """Its pods look for models where there are none; the Deployment's deadline ends the rollout."""
    before, version = template(production), store()
    deadline(DEADLINE_SECONDS)
    elsewhere = production.model_copy(update={"kubernetes_models": "/nowhere"})
    with load_on(production, SMALL_RATE) as load, pytest.raises(PromotionFailed) as caught:
        roll_out(production, version, KubernetesTarget(elsewhere))
    assert "has timed out progressing" in str(caught.value)
    assert "runs, not ready" in str(caught.value)
    assert_unharmed(load, production, first)
    assert_back(production, version, before, "loading")
    deadline(10 * DEADLINE_SECONDS)


def deadline(seconds: int) -> None:
    """Set how long a rollout of the Deployment may make no progress."""
    patch = json.dumps({"spec": {"progressDeadlineSeconds": seconds}})
    kubectl("patch", "deployment/naive-text-clf", f"--namespace={NAMESPACE}", f"--patch={patch}")


def test_upgrade_canary_and_rollback_lose_no_call(production: Settings, store: Store, first: int) -> None:
    before, second = template(production), store()
    settings = production.model_copy(update={"canary_seconds": CANARY_SECONDS})
    with load_on(settings, RATE) as load:
        began = time.monotonic()
        assert roll_out(settings, second) == second
        print(f"\nupgrade: {time.monotonic() - began:.0f} s")
    assert_unharmed(load, settings, first, second)
    assert 0.1 < canary_share(settings, load, second) < 0.3
    assert current_version(production) == answering(production) == second
    with load_on(production, RATE) as load:
        began = time.monotonic()
        assert rollback(production).model_version == first
        print(f"\nrollback: {time.monotonic() - began:.0f} s")
    assert_unharmed(load, production, first, second)
    assert current_version(production) == answering(production) == first
    assert template(production) == before
    assert outcomes(production)[-2:] == [
        ("promote", first, second, "promoted"),
        ("rollback", second, first, "promoted"),
    ]


def canary_share(settings: Settings, load: Load, version: int) -> float:
    """The new version's share of the answers in the middle of its window."""
    query = "SELECT evidence -> 'steps' FROM promotion WHERE to_version = %s AND outcome = 'promoted'"
    with connect(settings) as connection:
        (steps,) = connection.execute(query, [version]).fetchone()  # type: ignore[misc]
    opened, closed = (datetime.fromisoformat(steps[step]).timestamp() for step in ("canary", "serving"))
    answers = [one for sent, _, one, _ in load.requests if opened + 1 < sent < closed - 1]
    print(f"canary: {answers.count(version)} of {len(answers)} answers")
    return answers.count(version) / len(answers)


def test_the_retry_of_a_killed_worker_finishes_and_twice_changes_nothing(
    production: Settings, store: Store, first: int
) -> None:
    before, version = current_version(production), store()
    approved = ApprovedPromotion("promote", version, before, None, "ann", "a drill").to_json()
    command = [sys.executable, "-m", "tests.support.promotion.worker_process", "killed", json.dumps(approved)]
    with load_on(production, SMALL_RATE) as load:
        worker = subprocess.Popen(command, cwd=PROJECT_ROOT, env=worker_environment(production))
        await_true(lambda: version_asked_for(production, version), 90)
        worker.kill()
        worker.wait()
        assert current_version(production) == answering(production) == before
        assert worked(command, production) == f"done {version}"
    assert_unharmed(load, production, before, version)
    assert current_version(production) == answering(production) == version
    written = template(production), outcomes(production)
    assert worked(command, production) == f"done {version}"
    assert (template(production), outcomes(production)) == written
    assert outcomes(production)[-1] == ("promote", before, version, "promoted")


def worked(command: list[str], settings: Settings) -> str:
    """The last line of a worker that was not killed."""
    done = subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env=worker_environment(settings),
        text=True,
        capture_output=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def worker_environment(settings: Settings) -> dict[str, str]:
    names = ("model_store", "serving_root", "serving_url", "promotion_target", "kubernetes_config")
    ours = {f"TWEETSIEVE_{name.upper()}": str(getattr(settings, name)) for name in names}
    connection = {"AIRFLOW_CONN_KUBERNETES_DEFAULT": json.dumps({"conn_type": "kubernetes"})}
    home = {"AIRFLOW_HOME": str(settings.state_dir / "worker")}
    return os.environ | ours | connection | home


def version_asked_for(settings: Settings, version: int) -> bool:
    asked = template(settings)["metadata"]["annotations"]["tweetsieve/model-versions"]
    return str(version) in asked.split(",")
