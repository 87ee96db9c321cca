"""k8s/stream: the driver of one workload's stream, and the template of its executors."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.infra.spark.jars import spark_set
from include.settings import PROJECT_ROOT, Settings
from include.streaming.registry import workload_named
from include.streaming.scorer_choices import SavedModel
from include.streaming.scorers.plan import scorer_name
from tests.support.deployment.checkers import complaints
from tests.support.deployment.compose_file import services
from tests.support.deployment.manifests import manifest, manifests, rendered

WORKLOAD = workload_named("ai_tweets")
TEMPLATE = PROJECT_ROOT / "k8s" / "stream" / "executor.yaml"


def driver() -> dict[str, Any]:
    return manifest("stream", "Deployment", "stream")["spec"]


def container() -> dict[str, Any]:
    return driver()["template"]["spec"]["containers"][0]


def submitted() -> dict[str, str]:
    """What spark-submit is told, options and --conf alike."""
    (text,) = [one["value"] for one in container()["env"] if one["name"] == "PYSPARK_SUBMIT_ARGS"]
    words = shlex.split(text)
    assert words.pop() == "pyspark-shell"
    given = list(zip(words[::2], words[1::2], strict=True))
    return dict(given) | dict(value.split("=", 1) for name, value in given if name == "--conf")


def test_it_is_valid(tmp_path: Path) -> None:
    file = tmp_path / "rendered.yaml"
    file.write_text(f"{rendered('stream')}---\n{TEMPLATE.read_text(encoding='utf-8')}", encoding="utf-8")
    assert complaints("kubernetes-validate", "--strict", "-k", "1.34", file) == ""


def test_there_is_one_driver_at_a_time() -> None:
    assert (driver()["replicas"], driver()["strategy"]) == (1, {"type": "Recreate"})
    assert driver()["template"]["spec"]["terminationGracePeriodSeconds"] >= 40


def test_it_runs_our_image_and_application() -> None:
    image = services()["stream"]["image"]
    assert container()["image"] == submitted()["spark.kubernetes.container.image"] == image
    assert (PROJECT_ROOT / container()["command"][1]).is_file()
    assert container()["command"][2:] == ["--workload", "$(TWEETSIEVE_STREAM_WORKLOAD)"]
    dockerfile = (PROJECT_ROOT / "Dockerfile").read_text(encoding="utf-8")
    (cache,) = re.findall(r"TWEETSIEVE_JARS_CACHE=(\S+)", dockerfile)
    jars = Settings(jars_cache=Path(cache)).jars_dir / spark_set().folder / "any.jar"
    assert jars.match(submitted()["--jars"])


def test_executors_find_the_driver() -> None:
    service = manifest("stream", "Service", "stream")["spec"]
    ports = {str(port["port"]) for port in service["ports"]}
    assert ports == {submitted()["spark.driver.port"], submitted()["spark.blockManager.port"]}
    assert submitted()["spark.driver.host"] == "$(STREAM_HOST)"
    assert driver_host("stream") == "stream"
    assert service["selector"].items() <= driver()["template"]["metadata"]["labels"].items()


def driver_host(folder: str, name: str = "stream") -> str:
    (container,) = manifest(folder, "Deployment", name)["spec"]["template"]["spec"]["containers"]
    (value,) = [one["value"] for one in container["env"] if one["name"] == "STREAM_HOST"]
    return value


def test_another_workloads_stream_shares_nothing_with_the_first(tmp_path: Path) -> None:
    file = tmp_path / "rendered.yaml"
    file.write_text(rendered("another-stream"), encoding="utf-8")
    assert complaints("kubernetes-validate", "--strict", "-k", "1.34", file) == ""
    first, other = (
        {(one["kind"], one["metadata"]["name"]) for one in manifests(folder)}
        for folder in ("stream", "another-stream")
    )
    assert len(other) == len(first)
    assert not first & other
    name = "stream-another"
    assert driver_host("another-stream", name) == name
    labels = manifest("another-stream", "Deployment", name)["spec"]["template"]["metadata"]["labels"]
    for folder, service, reaches in (("stream", "stream", False), ("another-stream", name, True)):
        selector = manifest(folder, "Service", service)["spec"]["selector"]
        assert (selector.items() <= labels.items()) == reaches
    (chosen,) = [
        one["data"]["TWEETSIEVE_STREAM_WORKLOAD"]
        for one in manifests("another-stream")
        if one["metadata"]["name"].startswith("stream-settings-")
    ]
    assert chosen == "another"


def test_the_executor_template_is_the_mounted_one() -> None:
    template = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
    (executor,) = template["spec"]["containers"]
    assert executor["name"] == submitted()["spark.kubernetes.executor.podTemplateContainerName"]
    (mount,) = [one["mountPath"] for one in container()["volumeMounts"] if one["name"] == "executor"]
    assert submitted()["spark.kubernetes.executor.podTemplateFile"] == f"{mount}/{TEMPLATE.name}"


def test_both_may_call_the_model() -> None:
    (rule,) = manifest("overlays/production", "NetworkPolicy")["spec"]["ingress"]
    allowed = rule["from"][0]["podSelector"]["matchLabels"]
    template = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
    for labels in (driver()["template"]["metadata"]["labels"], template["metadata"]["labels"]):
        assert allowed.items() <= labels.items()


def policy(folder: str, name: str) -> dict[str, Any]:
    return manifest(folder, "NetworkPolicy", name)["spec"]


def ports(rules: list[dict[str, Any]], **which: Any) -> set[int]:
    """The ports of the rules that name pods, or of those that name none."""
    return {port["port"] for rule in rules if ("to" in rule or "from" in rule) == which["pods"]
            for port in rule["ports"]}  # fmt: skip


@pytest.mark.parametrize(("folder", "suffix"), [("stream", ""), ("another-stream", "-another")])
def test_driver_and_executors_reach_what_they_need_and_nothing_else(folder: str, suffix: str) -> None:
    driver_port, blocks = (int(submitted()[f"spark.{name}.port"]) for name in ("driver", "blockManager"))
    service = manifest("overlays/production", "Service")["spec"]["ports"][0]["port"]
    broker = int(given()["kafka_bootstrap_servers"].partition(":")[2])
    outside = {53, int(given()["postgres_port"]), broker, service}
    of_driver, of_executors = (policy(folder, f"{name}{suffix}") for name in ("stream", "stream-executor"))
    assert ports(of_driver["ingress"], pods=True) == {driver_port, blocks}
    assert ports(of_driver["egress"], pods=True) == {blocks}
    assert ports(of_driver["egress"], pods=False) == outside | {443, 6443}
    assert ports(of_executors["ingress"], pods=True) == {blocks}
    assert ports(of_executors["egress"], pods=True) == {driver_port, blocks}
    assert ports(of_executors["egress"], pods=False) == outside
    labels = manifest(folder, "Deployment", f"stream{suffix}")["spec"]["template"]["metadata"]["labels"]
    assert of_driver["podSelector"]["matchLabels"].items() <= labels.items()
    executor = [{"key": "spark-role", "operator": "In", "values": ["executor"]}]  # a label that Spark adds
    assert of_executors["podSelector"] == {"matchExpressions": executor}
    for rule in (of_driver["ingress"][0]["from"], of_driver["egress"][0]["to"]):
        assert rule == [{"podSelector": {"matchExpressions": executor}}]


def given() -> dict[str, str]:
    """The settings of driver and executors, by name."""
    (data,) = [
        one["data"]
        for one in manifests("stream")
        if one["kind"] == "ConfigMap" and one["metadata"]["name"].startswith("stream-settings-")
    ]
    return {name.removeprefix("TWEETSIEVE_").lower(): value for name, value in data.items()}


def settings(**changes: str) -> Settings:
    return Settings(_env_file=None, **{**given(), "database_passwords": '{"stream": "its own"}', **changes})  # type: ignore[arg-type]


def test_both_read_the_models_that_promotion_publishes() -> None:
    """With the scorer saved_model they load them, of the version that the model server answers with."""
    scorers = settings(stream_scorers='{"ai_tweets": "saved_model"}')
    assert isinstance(WORKLOAD.scorers[scorer_name(WORKLOAD, scorers)], SavedModel)
    serving = manifest("overlays/production", "Deployment")["spec"]["template"]["spec"]
    (published,) = [one for one in serving["volumes"] if one["name"] == "models"]
    executor = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))["spec"]
    for pod in (driver()["template"]["spec"], executor):
        (mount,) = [one for one in pod["containers"][0]["volumeMounts"] if one["name"] == "models"]
        assert mount == {"name": "models", "mountPath": str(scorers.models_dir), "readOnly": True}
        (volume,) = [one for one in pod["volumes"] if one["name"] == "models"]
        assert volume == published
    base = settings().kubernetes_models
    assert str(scorers.models_dir) == base, (
        "a version is in <mount>/<model>/<version>, in store and pods alike"
    )
    assert scorers.promotion_target == "kubernetes"


def test_its_settings_are_settings() -> None:
    assert given().keys() <= Settings.model_fields.keys()
    assert settings().production
    assert settings().stream_workload == "ai_tweets"
    assert scorer_name(WORKLOAD, settings()) == "tf_serving"
    service = manifest("overlays/production", "Service")
    port = service["spec"]["ports"][0]["port"]
    assert given()["serving_url"] == f"http://{service['metadata']['name']}:{port}"
