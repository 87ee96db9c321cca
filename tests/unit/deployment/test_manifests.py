"""k8s/: every overlay renders, is valid, and keeps what promotion and safety rely on."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.infra.allowed_hosts import AllowedHosts
from include.serving.config import parse_config
from include.settings import Settings
from tests.support.deployment.checkers import complaints
from tests.support.deployment.compose_file import services
from tests.support.deployment.manifests import OVERLAYS, manifest, manifests, rendered

REAL = ("overlays/local", "overlays/production")
ALL = tuple(f"overlays/{name}" for name in OVERLAYS)


@pytest.mark.parametrize("folder", ALL)
def test_it_is_valid(folder: str, tmp_path: Path) -> None:
    file = tmp_path / "rendered.yaml"
    file.write_text(rendered(folder), encoding="utf-8")
    assert complaints("kubernetes-validate", "--strict", "-k", "1.34", file) == ""


@pytest.mark.parametrize("folder", ALL)
def test_everything_is_in_one_namespace(folder: str) -> None:
    for one in manifests(folder):
        assert one["kind"] == "Namespace" or one["metadata"]["namespace"] == "tweetsieve"


@pytest.mark.parametrize("folder", REAL)
def test_the_server_is_that_of_compose(folder: str) -> None:
    container = manifest(folder, "Deployment")["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == services()["serving"]["image"]
    by_compose = {flag.partition("=")[0] for flag in services()["serving"]["command"]}
    assert {flag.partition("=")[0] for flag in container["args"]} == by_compose


@pytest.mark.parametrize("folder", ALL)
def test_no_call_is_dropped_in_a_rollout(folder: str) -> None:
    spec = manifest(folder, "Deployment")["spec"]
    container = spec["template"]["spec"]["containers"][0]
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert container["readinessProbe"]["httpGet"]["path"] == f"/v1/models/{Settings().model_name}/metadata"
    assert container["lifecycle"]["preStop"] == {"sleep": {"seconds": 3}}
    assert spec["template"]["spec"]["terminationGracePeriodSeconds"] > 3
    assert "replicas" not in spec, "it would undo the autoscaler's choice whenever it is applied"


def test_the_local_servers_pods_are_probed_under_a_name_that_it_answers_for() -> None:
    container = manifest("overlays/testbed", "Deployment")["spec"]["template"]["spec"]["containers"][0]
    (name,) = [one["value"] for one in container["readinessProbe"]["httpGet"]["httpHeaders"]]
    assert AllowedHosts.listed("", "0.0.0.0").refusal([name]) is None


@pytest.mark.parametrize("folder", REAL)
def test_a_load_that_fails_is_seen_before_the_deadline(folder: str) -> None:
    spec = manifest(folder, "Deployment")["spec"]
    probe = spec["template"]["spec"]["containers"][0]["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] <= spec["progressDeadlineSeconds"]


@pytest.mark.parametrize("folder", REAL)
def test_pods_have_no_rights(folder: str) -> None:
    pod = manifest(folder, "Deployment")["spec"]["template"]["spec"]
    container = pod["containers"][0]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["runAsUser"] > 0
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert pod["automountServiceAccountToken"] is False
    assert (
        set(container["resources"]["requests"]) == set(container["resources"]["limits"]) == {"cpu", "memory"}
    )
    assert all(mount.get("readOnly") for mount in container["volumeMounts"] if mount["name"] != "tmp")
    labels = manifest(folder, "Namespace", "tweetsieve")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_service_is_where_callers_look() -> None:
    (port,) = manifest("overlays/production", "Service")["spec"]["ports"]
    assert (port["port"], port["nodePort"]) == (8501, 30125)


@pytest.mark.parametrize("folder", ALL)
def test_the_first_configuration_names_a_version_and_its_label(folder: str) -> None:
    config = manifest(folder, "ConfigMap", "naive-text-clf-models")
    (model,) = parse_config(config["data"]["models.config"])
    assert (model.policy, model.versions, model.labels) == ("specific", (1,), {"stable": 1})
    assert (model.name, model.base_path) == (Settings().model_name, f"/models/{Settings().model_name}")
    assert config["immutable"]


@pytest.mark.parametrize("folder", ALL)
def test_the_promoter_may_touch_one_deployment(folder: str) -> None:
    rules = {rule["resources"][0]: rule for rule in manifest(folder, "Role", "promoter")["rules"]}
    assert rules["deployments"]["resourceNames"] == ["naive-text-clf"]
    assert rules["serviceaccounts/token"]["resourceNames"] == ["promoter"]
    assert {name: set(rule["verbs"]) for name, rule in rules.items()} == {
        "deployments": {"get", "patch"},
        "configmaps": {"create"},
        "pods": {"list"},
        "serviceaccounts/token": {"create"},
    }


def test_production_has_more_of_everything() -> None:
    for one in ("minReplicas", "maxReplicas"):
        least, most = (manifest(folder, "HorizontalPodAutoscaler")["spec"][one] for folder in REAL)
        assert least < most
    (rule,) = manifest("overlays/production", "NetworkPolicy")["spec"]["ingress"]
    assert rule["from"]
