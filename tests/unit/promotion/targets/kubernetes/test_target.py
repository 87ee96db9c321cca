"""The Kubernetes target's steps, on a stand-in for the cluster; tests/e2e runs them on a real one."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from include.promotion.errors import PromotionError
from include.promotion.targets.base import make_target
from include.promotion.targets.kubernetes.api import KubernetesApi
from include.promotion.targets.kubernetes.state import VERSIONS, DeploymentState
from include.promotion.targets.kubernetes.target import KubernetesTarget
from include.serving.client import ServingClient
from include.serving.config import ModelConfig, parse_config
from include.settings import Settings

BASE = "naive-text-clf-models"


class Cluster(KubernetesApi):
    """One Deployment, whose rollouts end at once: well, unless ``stuck`` is the versions rolled out."""

    def __init__(self) -> None:
        self.maps: dict[str, str] = {}
        self.stuck: str | None = None
        self.short = False
        self.old: list[dict[str, Any]] = []
        waiting = {"waiting": {"reason": "ErrImagePull"}}
        self.status: dict[str, Any] = {"containerStatuses": [{"ready": False, "state": waiting}]}
        self.changes = 0
        volume = {"name": "model-config", "configMap": {"name": BASE}}
        template = {"metadata": {"labels": {"a": "b"}}, "spec": {"volumes": [volume], "containers": ["c"]}}
        self.raw: dict[str, Any] = {
            "metadata": {"name": "naive-text-clf", "generation": 1, "annotations": {}},
            "spec": {"replicas": 2, "selector": {"matchLabels": {"a": "b"}}, "template": template},
        }

    def deployment(self, name: str) -> dict[str, Any]:
        found = copy.deepcopy(self.raw)
        counts = dict.fromkeys(("updatedReplicas", "replicas", "availableReplicas"), 2 - self.short)
        found["status"] = {"observedGeneration": found["metadata"]["generation"], **counts}
        if self.stuck is not None and self.versions() == self.stuck:
            why = {"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "timed out."}
            found["status"]["conditions"] = [why]
        return found

    def apply_deployment(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        template, applied = self.raw["spec"]["template"], fields["spec"]["template"]
        template["metadata"]["annotations"] = applied["metadata"]["annotations"]
        template["spec"]["volumes"] = applied["spec"]["volumes"]
        self.raw["metadata"]["annotations"] |= fields["metadata"]["annotations"]
        self.changes += 1
        return self.raw

    def replace_in_deployment(self, name: str, path: str, value: Any) -> dict[str, Any]:
        assert path == "/spec/template"
        self.raw["spec"]["template"] = value
        return self.raw

    def create_config_map(self, name: str, labels: dict[str, str], data: dict[str, str]) -> None:
        assert self.maps.setdefault(name, data["models.config"]) == data["models.config"]

    def pods(self, labels: dict[str, str]) -> list[dict[str, Any]]:
        annotations = self.raw["spec"]["template"]["metadata"].get("annotations", {})
        return [{"metadata": {"name": "p", "annotations": annotations}, "status": self.status}, *self.old]

    def versions(self) -> str:
        return self.raw["spec"]["template"]["metadata"].get("annotations", {}).get(VERSIONS, "")

    def config(self) -> ModelConfig:
        """What new pods read."""
        (volume,) = self.raw["spec"]["template"]["spec"]["volumes"]
        return parse_config(self.maps[volume["configMap"]["name"]])[0]


class Server(ServingClient):
    """Serves whatever the cluster rolled out."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def has(self, version: int) -> bool:
        return version in self._cluster.config().versions

    def serves(self, version: int) -> bool:
        return self._cluster.config().labels.get("stable") == version


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


@pytest.fixture
def target(cluster: Cluster, tmp_path: Path) -> KubernetesTarget:
    return KubernetesTarget(
        Settings(state_dir=tmp_path, serving_url="http://service:8501"), cluster, Server(cluster)
    )


def test_the_label_moves_after_the_version_is_loaded(target: KubernetesTarget, cluster: Cluster) -> None:
    assert target.current() is None
    target.load(7)
    assert (cluster.config().versions, cluster.config().labels, target.current()) == ((7,), {}, None)
    target.serve(7)
    assert (cluster.config().versions, cluster.config().labels) == ((7,), {"stable": 7})
    assert cluster.config().base_path == "/models/naive_text_clf"
    target.load(3)
    assert (cluster.config().versions, cluster.config().labels) == ((3, 7), {"stable": 7})
    assert target.current() == 7
    target.serve(3)
    assert (cluster.config().versions, cluster.config().labels, target.current()) == ((3,), {"stable": 3}, 3)


def test_the_same_versions_have_the_same_template(target: KubernetesTarget, cluster: Cluster) -> None:
    """So the controller takes the pods of the ReplicaSet that is still there."""
    target.load(7)
    target.serve(7)
    before = copy.deepcopy(cluster.raw["spec"]["template"])
    target.load(8)
    target.serve(8)
    target.load(7)
    target.serve(7)
    assert cluster.raw["spec"]["template"] == before


@pytest.mark.parametrize("reached", ["load", "serve"])
def test_what_failed_is_taken_back_to_the_recorded_template(
    target: KubernetesTarget, cluster: Cluster, reached: str
) -> None:
    target.load(7)
    target.serve(7)
    cluster.raw["spec"]["template"]["spec"]["containers"] = ["as it was verified"]
    before = copy.deepcopy(cluster.raw["spec"]["template"])
    target.load(8)
    changes = cluster.changes
    target.load(8)  # a worker died meanwhile, and its successor asks again
    assert cluster.changes == changes
    cluster.raw["spec"]["template"]["spec"]["containers"] = ["somebody's change meanwhile"]
    if reached == "serve":
        target.serve(8)
    target.serve(7)
    assert cluster.raw["spec"]["template"] == before


def test_a_failed_first_promotion_leaves_what_was_applied(target: KubernetesTarget, cluster: Cluster) -> None:
    before = copy.deepcopy(cluster.raw["spec"]["template"])
    target.serve(None)
    assert cluster.raw["spec"]["template"] == before
    target.load(7)
    target.serve(None)
    assert cluster.raw["spec"]["template"] == before


def test_a_rollout_without_progress_is_an_error_with_the_pods_words(
    target: KubernetesTarget, cluster: Cluster
) -> None:
    cluster.stuck = "7"
    with pytest.raises(PromotionError, match=r"versions 7 .*timed out.* pod p: ErrImagePull"):
        target.load(7)


def test_pods_that_ran_out_of_memory_end_the_rollout_at_once(
    target: KubernetesTarget, cluster: Cluster
) -> None:
    ended = {"terminated": {"reason": "OOMKilled", "exitCode": 137}}
    container = {"ready": False, "restartCount": 1, "state": {"running": {}}, "lastState": ended}
    cluster.status = {"containerStatuses": [container]}
    cluster.short = True
    with pytest.raises(PromotionError, match=r"versions 7 .*do not stay up.*OOMKilled \(137\), 1 restarts"):
        target.load(7)


def test_an_unfinished_rollout_is_waited_for(target: KubernetesTarget, cluster: Cluster) -> None:
    cluster.short = True
    assert target.load(7) == "the rollout of model versions 7 of naive-text-clf is under way"
    cluster.short = False
    assert target.load(7) == ""


def test_the_last_old_pod_is_waited_for(target: KubernetesTarget, cluster: Cluster) -> None:
    """It may hold the same versions: without the label it can't answer calls for it."""
    target.load(7)
    cluster.old = copy.deepcopy(cluster.pods({}))
    assert "is under way" in target.serve(7)
    cluster.old = []
    assert target.serve(7) == ""


def test_conditions_of_the_template_before_say_nothing() -> None:
    raw = Cluster().deployment("")
    raw["metadata"]["generation"] += 1
    assert not DeploymentState(raw).observed
    assert DeploymentState(raw).complete, "which is why it must be asked whether they are observed"


@pytest.mark.parametrize("short", ["updatedReplicas", "replicas", "availableReplicas"])
def test_a_rollout_is_complete_when_all_pods_are_new_and_ready(short: str) -> None:
    raw = Cluster().deployment("")
    raw["status"][short] += 1 if short == "replicas" else -1
    assert not DeploymentState(raw).complete


def test_no_cluster(tmp_path: Path) -> None:
    settings = Settings(
        promotion_target="kubernetes", kubernetes_config=tmp_path / "none", state_dir=tmp_path
    )
    with pytest.raises(PromotionError, match="TWEETSIEVE_KUBERNETES_CONFIG"):
        make_target(settings)


def test_a_cluster_that_does_not_answer_is_named(tmp_path: Path) -> None:
    config = tmp_path / "kubeconfig"
    config.write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: a\n"
        "contexts: [{name: a, context: {cluster: a, user: a}}]\nusers: [{name: a, user: {token: t}}]\n"
        "clusters: [{name: a, cluster: {server: 'http://127.0.0.1:1'}}]\n"
    )
    target = KubernetesTarget(Settings(state_dir=tmp_path, kubernetes_config=config))
    with pytest.raises(PromotionError, match=r"get the Deployment naive-text-clf.*http://127.0.0.1:1"):
        target.current()
