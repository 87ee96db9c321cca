from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from include.settings import PROJECT_ROOT
from tools.supply_chain.audit import UNKNOWN, WEAK, judged
from tools.supply_chain.packages import Package, jars, python_packages
from tools.supply_chain.sbom import bill_of_materials


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements.uv.lock"])
def test_every_package_of_the_locks_has_hashes(lock: str) -> None:
    packages = list(python_packages(PROJECT_ROOT / lock))
    named = re.findall(r"^[A-Za-z0-9].*==", (PROJECT_ROOT / lock).read_text(), re.MULTILINE)
    assert len(packages) == len(named) > 0
    assert all(package.sha256 for package in packages)


def test_the_bill_of_materials_has_every_jar_and_package_and_keeps_the_schema() -> None:
    packages = [*python_packages(), *jars()]
    text = bill_of_materials(packages)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    addresses = {component["purl"] for component in json.loads(text)["components"]}
    assert len(addresses) == len(packages)
    assert any(address.startswith("pkg:maven/org.apache.kafka/kafka-clients@") for address in addresses)
    assert any(address.startswith("pkg:pypi/pyspark@") for address in addresses)


def test_a_jar_in_two_sets_is_one_component(tmp_path: Path) -> None:
    file = tmp_path / "jars.sha256"
    file.write_text(f"{'a' * 64}  one/org.x/y-1.0.jar\n{'a' * 64}  two/org.x/y-1.0.jar\n")
    assert list(jars(file)) == [Package("maven", "y", "1.0", ("a" * 64,), "org.x")]


def test_a_weakness_is_named_with_the_version_that_mends_it() -> None:
    weak = {"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}
    code, lines = judged([weak, {"name": "b", "skip_reason": "not there"}])
    assert code == WEAK
    assert lines == ["a 1: CVE-1, mended in 2", "1 of 2 packages audited, 1 known weaknesses"]


def test_where_nothing_was_audited_nothing_is_known() -> None:
    assert judged([{"name": "b", "skip_reason": "not there"}])[0] == UNKNOWN
