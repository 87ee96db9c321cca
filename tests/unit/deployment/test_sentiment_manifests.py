"""k8s/sentiment: two services that scale by themselves, where k8s/sentiment-stream calls them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from include.infra.allowed_hosts import AllowedHosts
from include.workloads.sentiment.base.settings import SentimentSettings
from include.workloads.sentiment.service.__main__ import parse
from tests.support.deployment.checkers import complaints
from tests.support.deployment.compose_file import environment, services
from tests.support.deployment.manifests import manifest, manifests, rendered

FOLDER, STREAM = "sentiment", "sentiment-stream"
BOTH = ("sentiment-a", "sentiment-b")


@pytest.mark.parametrize("folder", [FOLDER, STREAM])
def test_it_is_valid_and_in_the_namespace(folder: str, tmp_path: Path) -> None:
    file = tmp_path / "rendered.yaml"
    file.write_text(rendered(folder), encoding="utf-8")
    assert complaints("kubernetes-validate", "--strict", "-k", "1.34", file) == ""
    assert {one["metadata"]["namespace"] for one in manifests(folder)} == {"tweetsieve"}


@pytest.mark.parametrize("name", BOTH)
def test_a_version_scales_by_itself_and_loses_no_call(name: str) -> None:
    spec = manifest(FOLDER, "Deployment", name)["spec"]
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    scaler = manifest(FOLDER, "HorizontalPodAutoscaler", name)["spec"]
    assert (scaler["scaleTargetRef"]["name"], scaler["minReplicas"] >= 2) == (name, True)
    assert "replicas" not in spec, "it would undo the autoscaler's choice whenever it is applied"
    assert container["resources"]["requests"]["cpu"], "the autoscaler's share is of what is requested"
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert container["lifecycle"]["preStop"]["sleep"]["seconds"] < pod["terminationGracePeriodSeconds"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["automountServiceAccountToken"] is False


@pytest.mark.parametrize("name", BOTH)
def test_the_command_is_one_that_the_service_takes_and_its_probes_are_answered(name: str) -> None:
    (container,) = manifest(FOLDER, "Deployment", name)["spec"]["template"]["spec"]["containers"]
    assert container["image"] == services()["stream"]["image"]
    *start, _ = container["command"][:3], container["command"]
    assert start == [["python", "-m", "include.workloads.sentiment.service"]]
    options = parse(container["command"][3:])
    assert f"sentiment-{options.version}" == name
    (port,) = manifest(FOLDER, "Service", name)["spec"]["ports"]
    assert port["port"] == container["ports"][0]["containerPort"] == options.port
    given = {one["name"]: one["value"] for one in container["env"]}
    hosts = AllowedHosts.listed(given["TWEETSIEVE_ALLOWED_HOSTS"], options.host)
    for probe in ("readinessProbe", "livenessProbe"):
        asked = container[probe]["httpGet"]
        assert (asked["path"], hosts.refusal([asked["httpHeaders"][0]["value"]])) == ("/health", None)


def stream_settings() -> dict[str, str]:
    (data,) = [
        one["data"]
        for one in manifests(STREAM)
        if one["kind"] == "ConfigMap" and one["metadata"]["name"].startswith("stream-settings-")
    ]
    return data


@pytest.mark.parametrize("name", BOTH)
def test_the_stream_calls_the_services_by_a_name_that_they_answer_for(name: str) -> None:
    variable = f"TWEETSIEVE_{name.replace('-', '_').upper()}_URL"
    url = urlsplit(stream_settings()[variable])
    assert variable.removeprefix("TWEETSIEVE_SENTIMENT_").lower() in SentimentSettings.model_fields
    assert (url.hostname, url.port) == (name, manifest(FOLDER, "Service", name)["spec"]["ports"][0]["port"])
    (container,) = manifest(FOLDER, "Deployment", name)["spec"]["template"]["spec"]["containers"]
    given = {one["name"]: one["value"] for one in container["env"]}
    assert AllowedHosts.listed(given["TWEETSIEVE_ALLOWED_HOSTS"], "0.0.0.0").refusal([url.netloc]) is None


def test_the_stream_is_that_workloads_and_shares_no_name_with_the_first() -> None:
    assert stream_settings()["TWEETSIEVE_STREAM_WORKLOAD"] == "sentiment"
    first, other = (
        {(one["kind"], one["metadata"]["name"]) for one in manifests(folder)} for folder in ("stream", STREAM)
    )
    assert not first & other


@pytest.mark.parametrize("name", BOTH)
def test_compose_runs_both_where_the_stream_looks_for_them(name: str) -> None:
    command = services()[name]["command"]
    options = parse(command[3:])
    assert (f"sentiment-{options.version}", options.host) == (name, "0.0.0.0")
    for caller in ("stream", "spark-worker", "airflow-scheduler"):
        url = urlsplit(environment(caller)[f"TWEETSIEVE_{name.replace('-', '_').upper()}_URL"])
        assert (url.hostname, url.port) == (name, options.port)
        hosts = AllowedHosts.listed(environment(name)["TWEETSIEVE_ALLOWED_HOSTS"], options.host)
        assert hosts.refusal([url.netloc]) is None
