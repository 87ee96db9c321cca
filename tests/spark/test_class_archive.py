"""Drivers on this machine load Spark's classes from the archive that set-up makes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from include.infra.spark.class_archive import archive_file, make_archive
from include.infra.spark.environment import spark_environment
from include.settings import Settings

pytestmark = pytest.mark.spark

SUBMIT = str(Path(sys.executable).with_name("spark-submit"))
CLASS = "org.apache.spark.deploy.SparkSubmit "


def loaded(settings: Settings, log: Path) -> str:
    """Where the JVM of spark-submit found a class of Spark's."""
    variables = os.environ | spark_environment(settings)
    variables["SPARK_SUBMIT_OPTS"] += f" -Xlog:class+load:file={log}"
    done = subprocess.run([SUBMIT, "--version"], env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in log.read_text().splitlines() if CLASS in line]
    return line.partition("source: ")[2]


def test_a_local_driver_finds_its_classes_in_the_archive(settings: Settings, tmp_path: Path) -> None:
    make_archive(settings)
    assert loaded(settings, tmp_path / "log").startswith("shared objects file")


def test_another_state_folder_changes_nothing(settings: Settings, tmp_path: Path) -> None:
    own = settings.model_copy(update={"state_dir": tmp_path / "with space, 'quote' and ü"})
    assert loaded(own, tmp_path / "log").startswith("shared objects file")


def test_without_one_a_driver_starts_as_ever(settings: Settings, tmp_path: Path) -> None:
    elsewhere = settings.model_copy(update={"jars_cache": tmp_path / "a folder"})
    assert not archive_file(elsewhere).exists()
    assert loaded(elsewhere, tmp_path / "log").startswith("file:")


def test_a_damaged_archive_is_ignored(settings: Settings, tmp_path: Path) -> None:
    elsewhere = settings.model_copy(update={"jars_cache": tmp_path / "a folder"})
    archive_file(elsewhere).parent.mkdir(parents=True)
    archive_file(elsewhere).write_bytes(b"no archive")
    assert loaded(elsewhere, tmp_path / "log").startswith("file:")
