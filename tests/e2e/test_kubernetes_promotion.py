"""Promotion on a real cluster, as the service account that it is meant to run as, under load."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from include.database import connect
from include.datasets.tables import VersionTables
from include.model.store import ModelStore
from include.promotion.errors import PromotionFailed
from include.promotion.kubernetes import KubernetesTarget
from include.promotion.run import current_version, promote, run_promotion
from include.serving.client import ServingClient
from include.settings import Settings
from tests.e2e.kubernetes_cluster import NAMESPACE, account_config, kubectl, render, require_cluster
from tests.e2e.kubernetes_cluster import testbed_manifests as manifests_of_testbed
from tests.e2e.kubernetes_load import Load, load_on
from tests.unit.model.posts import add_golden, fill_version
from tests.unit.serving import tiny_models

pytestmark = [pytest.mark.kubernetes, pytest.mark.stack, pytest.mark.timeout(900)]

VERSION = 7200
RATE = 230
"""Requests a second that are asked for; 200 at least have to be answered."""
POSTS: list[tuple[str, float]] = [
    (f"{'all about AI' if i % 3 == 0 else 'all about tea'} number{i}", 0.9 if i % 3 == 0 else 0.1)
    for i in range(150)
]
Store = Callable[[], int]


@pytest.fixture(scope="module")
def cluster() -> None:
    require_cluster()


@pytest.fixture(scope="module")
def production(
    cluster: None, database: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """The overlay's pods on a cluster where nothing was promoted, and golden labels to judge by."""
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
        }
    )
    with connect(settings) as connection:
        fill_version(connection, VersionTables.of(VERSION, settings), {"test": POSTS, "dev": []})
        for text, probability in POSTS:
            add_golden(connection, text, int(probability > 0.5))
    yield settings
    kubectl("delete", "namespace", NAMESPACE, "--wait")


@pytest.fixture(scope="module")
def store(production: Settings) -> Store:
    """Puts a tiny model into the store, as a training would; returns its version."""

    def add() -> int:
        with connect(production) as connection:
            row = connection.execute(
                "INSERT INTO model_version (model_name, dataset_version, completed_at) "
                "VALUES (%s, %s, now()) RETURNING model_version",
                [production.model_name, VERSION],
            ).fetchone()
        assert row is not None
        with ModelStore(production).staging(row[0]) as staged:
            shutil.rmtree(staged)
            tiny_models.classifier(staged, row[0])
            (staged / "report").mkdir()
            metrics = {"dataset_version": VERSION, "threshold": 0.5}
            (staged / "report" / "metrics.json").write_text(json.dumps(metrics))
        return row[0]

    return add


@pytest.fixture(scope="module")
def first(production: Settings, store: Store) -> int:
    version = store()
    assert promote(version, production, "ann", "the first").previous_version is None
    return version


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


def assert_unharmed(load: Load, *versions: int) -> None:
    print(f"\n{load}")
    assert not load.failures
    assert load.answers.keys() == set(versions)
    assert load.rate > 0.9 * RATE, "the machine is too slow for this load to show anything"


@pytest.mark.parametrize("overlay", ["local", "production"])
def test_the_cluster_accepts_the_overlays(production: Settings, overlay: str) -> None:
    """As the API server would store them. The namespace, whose rules are others here, only warns of them."""
    kubectl("label", "namespace", NAMESPACE, "--overwrite", "pod-security.kubernetes.io/warn=restricted")
    apply = ("apply", "--server-side", "--force-conflicts", "--dry-run=server", "--filename=-")
    wanted = [one for one in yaml.safe_load_all(render(overlay)) if one["kind"] != "Namespace"]
    assert kubectl(*apply, given=yaml.safe_dump_all(wanted)).stderr == ""


@pytest.mark.parametrize(
    ("verb", "what", "may"),
    [
        ("patch", "deployments/naive-text-clf", "yes"),
        ("create", "configmaps", "yes"),
        ("patch", "deployments/another", "no"),
        ("delete", "deployments/naive-text-clf", "no"),
        ("update", "configmaps", "no"),
        ("get", "secrets", "no"),
        ("create", "pods", "no"),
    ],
)
def test_the_promoter_may_no_more_than_it_does(production: Settings, verb: str, what: str, may: str) -> None:
    command = ["auth", "can-i", verb, what, f"--namespace={NAMESPACE}"]
    config = f"--kubeconfig={production.kubernetes_config}"
    done = subprocess.run(["kubectl", config, *command], capture_output=True, text=True)
    assert done.stdout.strip() == may


def test_the_first_promotion(production: Settings, first: int) -> None:
    assert current_version(production) == answering(production) == first
    assert outcomes(production) == [("promote", None, first, "promoted")]


def test_twice_changes_nothing(production: Settings, first: int) -> None:
    before = template(production), outcomes(production)
    assert promote(first, production).outcome == "unchanged"
    assert (template(production), outcomes(production)) == before


class LosesAFile(KubernetesTarget):
    """A target on whose way from the store the weights are lost."""

    def publish(self, version: int, folder: Path) -> None:
        super().publish(version, folder)
        served = self._volume._base / str(version) / "saved_model.pb"
        served.unlink()
        served.write_bytes(b"\x0a\xff")


def test_one_that_never_loads_is_taken_back(production: Settings, store: Store, first: int) -> None:
    before, version = template(production), store()
    with load_on(production.model_url, RATE) as load, pytest.raises(PromotionFailed) as caught:
        promote(version, production, target=LosesAFile(production))
    assert "failed to load" in str(caught.value)
    assert f"Rolled back; in service: {first}" in str(caught.value)
    assert_unharmed(load, first)
    assert template(production) == before
    assert outcomes(production)[-1] == ("promote", first, version, "rolled_back")


def test_one_whose_pods_never_get_ready_is_taken_back(production: Settings, store: Store, first: int) -> None:
    """Its pods look for models where there are none; the Deployment's deadline ends the rollout."""
    before, version = template(production), store()
    elsewhere = production.model_copy(update={"kubernetes_models": "/nowhere"})
    with load_on(production.model_url, RATE) as load, pytest.raises(PromotionFailed) as caught:
        promote(version, production, target=KubernetesTarget(elsewhere))
    assert "has timed out progressing" in str(caught.value)
    assert "runs, not ready" in str(caught.value)
    assert_unharmed(load, first)
    assert template(production) == before


def test_an_upgrade_and_the_way_back_lose_no_call(production: Settings, store: Store, first: int) -> None:
    before, second = template(production), store()
    with load_on(production.model_url, RATE) as load:
        began = time.monotonic()
        assert run_promotion("promote", VERSION, None, settings=production) == second
        print(f"\nupgrade: {time.monotonic() - began:.0f} s")
    assert_unharmed(load, first, second)
    assert current_version(production) == answering(production) == second
    with load_on(production.model_url, RATE) as load:
        began = time.monotonic()
        assert run_promotion("rollback", VERSION, None, settings=production) == first
        print(f"\nrollback: {time.monotonic() - began:.0f} s")
    assert_unharmed(load, first, second)
    assert current_version(production) == answering(production) == first
    assert template(production) == before
    assert outcomes(production)[-2:] == [
        ("promote", first, second, "promoted"),
        ("rollback", second, first, "promoted"),
    ]


def test_a_rollout_cut_off_in_the_middle_is_finished_by_the_next(
    production: Settings, store: Store, first: int
) -> None:
    version, before = store(), current_version(production)
    target = KubernetesTarget(production)
    target.publish(version, ModelStore(production).path(version))
    target.load(version)  # and the worker is gone
    assert current_version(production) == answering(production) == before
    result = promote(version, production)
    assert (result.outcome, result.previous_version) == ("promoted", before)
    assert current_version(production) == answering(production) == version
