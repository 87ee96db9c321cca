"""Every Spark setting that the documentation and the manifests name is one of the installed Spark's."""

from __future__ import annotations

import re

import pytest
from pyspark.sql import SparkSession

from include.local_stack.streams import STREAM_CONF
from include.settings import PROJECT_ROOT

pytestmark = pytest.mark.spark

NAME = re.compile(r"(?<![\w.])spark\.[a-z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+)+")
FOLDERS = {"spark.executorEnv.", "spark.kubernetes.driver.label.", "spark.kubernetes.executor.label."}
"""Prefixes behind which any name may stand."""

OLD = {
    "spark.yarn.max.executor.failures": "spark.executor.maxNumFailures",
    "spark.yarn.executor.failuresValidityInterval": "spark.executor.failuresValidityInterval",
}
"""Named as former names, with the present ones, to which Spark maps them."""


def registered(spark: SparkSession, name: str) -> bool:
    return spark._jvm.org.apache.spark.internal.config.ConfigEntry.findEntry(name) is not None  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def registry(spark: SparkSession) -> SparkSession:
    """Spark registers a setting when the object that declares it is first touched."""
    for module in (
        "org.apache.spark.internal.config.package$",
        "org.apache.spark.internal.config.Deploy$",
        "org.apache.spark.internal.config.Python$",
        "org.apache.spark.deploy.k8s.Config$",
        "org.apache.spark.deploy.yarn.config.package$",
    ):
        spark._jvm.java.lang.Class.forName(module)  # type: ignore[union-attr]
    return spark


def named() -> set[str]:
    texts = [(PROJECT_ROOT / "docs" / "scaling.md").read_text(), *STREAM_CONF]
    texts += [path.read_text() for path in (PROJECT_ROOT / "k8s" / "stream").glob("*.yaml")]
    return {name for text in texts for name in NAME.findall(text)}


def test_every_named_setting_exists(registry: SparkSession) -> None:
    names = {name for name in named() - OLD.keys() if not name.startswith(tuple(FOLDERS))}
    assert len(names) > 20
    assert sorted(name for name in names if not registered(registry, name)) == []
    assert not registered(registry, "spark.executor.maxFailuresNum"), "the registry knows no invented name"


def test_the_former_names_are_former_ones(registry: SparkSession) -> None:
    conf = registry._jvm.org.apache.spark.SparkConf(False)  # type: ignore[union-attr]
    for old, present in OLD.items():
        assert not registered(registry, old)
        assert conf.set(old, "7").get(present) == "7"
