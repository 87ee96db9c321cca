"""The dashboard and the alert rules ask for metrics that the monitor shows, by labels that these have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from include.infra.disk import disks
from include.settings import PROJECT_ROOT, Settings
from include.streaming.monitor.metrics import Metrics
from tests.support.deployment.compose_file import services
from tests.unit.streaming.monitor.test_rules import HEALTHY

FOLDER = PROJECT_ROOT / "monitoring"
DASHBOARD = json.loads((FOLDER / "grafana" / "dashboards" / "streams.json").read_text(encoding="utf-8"))
(RULES,) = yaml.safe_load((FOLDER / "prometheus" / "rules.yml").read_text(encoding="utf-8"))["groups"]
SELECTED = re.compile(r"\b(tweetsieve_\w+|up)\b(?:\{([^}]*)\})?")
BY = re.compile(r"\bby \(([^)]*)\)")
SCRAPED = {"up": {"job", "instance"}}
"""What Prometheus adds of itself."""


@pytest.fixture(scope="module")
def shown(settings: Settings) -> dict[str, set[str]]:
    """The labels of each metric of the monitor that watches a stream with everything."""
    metrics = Metrics()
    full = replace(
        HEALTHY, lag_by_partition={"t": {0: 1}}, durations_ms={"tasks": 1.0}, counts={"source_errors": 1},
        model_version=3,
    )  # fmt: skip
    metrics.show(full, 30.0)
    metrics.show_disks(disks(settings))
    metrics.show_incidents({("spark_ml", "source error"): 1})
    metrics.undelivered("webhook")
    return SCRAPED | labels(metrics.registry)


def labels(registry: CollectorRegistry) -> dict[str, set[str]]:
    return {
        sample.name: set(sample.labels) | {"job", "instance"}
        for family in registry.collect()
        for sample in family.samples
    }


def expressions() -> Iterator[tuple[str, set[str]]]:
    """Each expression, with the labels that its legend or its text shows."""
    for rule in RULES["rules"]:
        yield rule["expr"], set(re.findall(r"\$labels\.(\w+)", json.dumps(rule["annotations"])))
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield target["expr"], set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))


@pytest.mark.parametrize(("expression", "named"), list(expressions()))
def test_an_expression_asks_for_what_is_shown(
    shown: dict[str, set[str]], expression: str, named: set[str]
) -> None:
    asked = SELECTED.findall(expression)
    assert asked
    for metric, selector in asked:
        assert metric in shown
        assert set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector)) <= shown[metric]
        assert named <= shown[metric]
    for kept in BY.findall(expression):
        assert named <= set(kept.replace(" ", "").split(","))
    assert all(expression.count(one) == expression.count(other) for one, other in ("()", "{}", "[]"))


def test_every_alert_says_what_it_is_about() -> None:
    rules = RULES["rules"]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert rule["annotations"]["summary"].endswith(".")
        assert re.fullmatch(r"\d+[sm]", rule.get("for", "0s"))


def test_panels_have_a_place_of_their_own_and_the_provisioned_source() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        cells = set(cells_of(panel["gridPos"]))
        assert not cells & taken, panel["title"]
        taken |= cells
    assert max(x for x, _ in taken) < 24
    (source,) = provisioned("datasources/prometheus.yaml")["datasources"]
    uids = re.findall(r'"uid": "([^"]+)"', json.dumps([panels, DASHBOARD["templating"]]))
    assert set(uids) == {source["uid"]}
    assert source["url"] == "http://prometheus:9090"


def test_the_dashboard_shows_each_number_of_the_stream() -> None:
    asked = " ".join(target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"])
    wanted = ("posts_per_minute", "lag_messages", "dead_letter_ratio", "incidents_open", "batch_count")
    assert [one for one in wanted if f"tweetsieve_stream_{one}" not in asked] == []


def test_compose_runs_them() -> None:
    read = yaml.safe_load((FOLDER / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    (scraped,) = read["scrape_configs"]
    assert scraped["static_configs"] == [{"targets": ["monitor:8530"]}]
    assert [(FOLDER / "prometheus" / name).is_file() for name in read["rule_files"]] == [True]
    mounted = [one.split(":") for name in ("prometheus", "grafana") for one in services()[name]["volumes"]]
    folders = {place: where for place, where, *_ in mounted if place.startswith("./")}
    assert all((PROJECT_ROOT / place).is_dir() for place in folders)
    (provider,) = provisioned("dashboards/streams.yaml")["providers"]
    assert folders["./monitoring/grafana/dashboards"] == provider["options"]["path"]


def provisioned(name: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / "grafana" / "provisioning" / name).read_text(encoding="utf-8"))


def cells_of(place: dict[str, int]) -> Iterator[tuple[int, int]]:
    for x in range(place["x"], place["x"] + place["w"]):
        for y in range(place["y"], place["y"] + place["h"]):
            yield x, y
