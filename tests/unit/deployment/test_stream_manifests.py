"""k8s/stream: the streaming classifier's driver, and the template of its executors."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import yaml

from include.infra.spark.jars import spark_set
from include.settings import PROJECT_ROOT, Settings
from tests.support.deployment.checkers import complaints
from tests.support.deployment.compose_file import services
from tests.support.deployment.manifests import manifest, manifests, rendered

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
    dockerfile = (PROJECT_ROOT / "Dockerfile").read_text(encoding="utf-8")
    (cache,) = re.findall(r"TWEETSIEVE_JARS_CACHE=(\S+)", dockerfile)
    jars = Settings(jars_cache=Path(cache)).jars_dir / spark_set().folder / "any.jar"
    assert jars.match(submitted()["--jars"])


def test_executors_find_the_driver() -> None:
    service = manifest("stream", "Service", "stream")["spec"]
    ports = {str(port["port"]) for port in service["ports"]}
    assert ports == {submitted()["spark.driver.port"], submitted()["spark.blockManager.port"]}
    assert submitted()["spark.driver.host"] == "stream"
    assert service["selector"].items() <= driver()["template"]["metadata"]["labels"].items()


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


def test_its_settings_are_settings() -> None:
    (data,) = [
        one["data"]
        for one in manifests("stream")
        if one["kind"] == "ConfigMap" and one["metadata"]["name"].startswith("stream-settings-")
    ]
    given = {name.removeprefix("TWEETSIEVE_").lower(): value for name, value in data.items()}
    assert given.keys() <= Settings.model_fields.keys()
    assert Settings(**given, postgres_password="its own").production
    service = manifest("overlays/production", "Service")
    port = service["spec"]["ports"][0]["port"]
    assert given["serving_url"] == f"http://{service['metadata']['name']}:{port}"
    assert given["promotion_target"] == "kubernetes", "whose canaries it takes part in"
