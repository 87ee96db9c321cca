from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from importlib.metadata import version

import pyspark
import pytest

from include.infra.errors import StackError
from include.infra.spark import jars
from include.settings import Settings


def test_the_pyspark_pin_decides_the_connector():
    assert f"spark-sql-kafka-0-10_2.13:{pyspark.__version__}" in jars.spark_set().coordinates[0]


def test_no_other_package_replaced_parts_of_pyspark():
    assert version("pyspark") == pyspark.__version__


def test_another_version_lives_in_another_folder():
    one, two = (jars.JarSet("spark", (f"g:a:{revision}",), beside_spark=True) for revision in "12")
    assert one.folder != two.folder


def test_ivy_is_asked_for_every_coordinate():
    module = ElementTree.fromstring(jars.ivy_module(jars.broker_set()))
    wanted = [
        ":".join(found.attrib[key] for key in ("org", "name", "rev")) for found in module.iter("dependency")
    ]
    assert tuple(wanted) == jars.broker_set().coordinates


def test_a_resolved_set_is_not_resolved_again(tmp_path):
    settings = Settings(jars_cache=tmp_path, java_home=tmp_path / "no java here")
    jar = settings.jars_dir / jars.spark_set().folder / "connector-1.jar"
    jar.parent.mkdir(parents=True)
    jar.touch()
    assert jars.spark_jars(settings) == [jar]


def test_a_failed_resolution_leaves_nothing_behind(tmp_path, monkeypatch):
    def fail(*_):
        raise StackError("no network")

    monkeypatch.setattr(jars, "_run_ivy", fail)
    with pytest.raises(StackError, match="no network"):
        jars.spark_jars(Settings(jars_cache=tmp_path))
    assert not any(path.is_dir() for path in (tmp_path / "jars").iterdir())


def test_what_is_not_pinned_is_not_taken(tmp_path, monkeypatch):
    def send(jars, scratch, target, settings):
        jar = target / "org.evil" / "connector-1.jar"
        jar.parent.mkdir(parents=True)
        jar.write_bytes(b"tampered")

    monkeypatch.setattr(jars, "_run_ivy", send)
    with pytest.raises(StackError, match=r"org\.evil/connector-1\.jar has SHA-256"):
        jars.broker_jars(Settings(jars_cache=tmp_path))
    assert not any(path.is_dir() for path in (tmp_path / "jars").iterdir())
