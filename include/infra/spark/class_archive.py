"""Spark's classes as the JVM keeps them in memory, in one file, so that no driver has to load them again.

Starting a driver on this machine then takes about half the processor time. The file belongs to one Java, one
pyspark and one folder; a JVM that it does not fit ignores it, and starts as without.

Source: https://docs.oracle.com/en/java/javase/17/vm/class-data-sharing.html
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from include.console.progress import step
from include.infra.spark.jars import pyspark_jars_folder
from include.infra.spark.java import java_binary
from include.settings import PROJECT_ROOT, Settings

log = logging.getLogger(__name__)

JOB = "include.infra.spark.archived_job"
SECONDS = 300


def archive_file(settings: Settings) -> Path:
    """Where the file of this Java and this pyspark is, or would be."""
    java = java_binary(settings).resolve()
    marks = (str(java), str((java.parent.parent / "release").stat().st_mtime_ns), str(pyspark_jars_folder()))
    digest = hashlib.sha256("\n".join(marks).encode()).hexdigest()[:12]
    return settings.jars_dir / f"spark-{version('pyspark')}-{digest}.jsa"


def archive_options(settings: Settings) -> list[str]:
    """Options of a driver's JVM; none where no file was made."""
    file = archive_file(settings)
    return (
        [f"-XX:SharedArchiveFile={file}", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"] if file.exists() else []
    )


def no_settings(settings: Settings) -> Path:
    """An empty folder for ``SPARK_CONF_DIR``.

    It stands in the class path, and a class path with files in a folder, or with another folder than the
    one the archive was made with, has no archive.
    """
    folder = settings.jars_dir / "no-spark-settings"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def make_archive(settings: Settings) -> None:
    """Make the file where it is missing, by running a job; without it all goes on, only slower."""
    file = archive_file(settings)
    if file.exists():
        return
    settings.jars_dir.mkdir(parents=True, exist_ok=True)
    with (settings.jars_dir / ".class-archive.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            with step("preparing Spark's classes", settings.jars_dir):
                _make(file, settings)


def _make(file: Path, settings: Settings) -> None:
    from include.infra.spark.environment import spark_environment

    with tempfile.TemporaryDirectory(dir=file.parent) as scratch:
        made = Path(scratch) / "made.jsa"
        variables = os.environ | spark_environment(settings.model_copy(update={"spark_master": "local[2]"}))
        variables["SPARK_SUBMIT_OPTS"] += f" {quoted(f'-XX:ArchiveClassesAtExit={made}')} -Xlog:cds=off"
        command = [sys.executable, "-m", JOB]
        try:
            done = subprocess.run(
                command, cwd=PROJECT_ROOT, env=variables, capture_output=True, text=True, timeout=SECONDS
            )
        except subprocess.TimeoutExpired:
            log.warning("no archive of Spark's classes: not made within %d s", SECONDS)
            return
        if done.returncode or not made.exists():
            log.warning("no archive of Spark's classes: %s", (done.stdout + done.stderr)[-500:])
            return
        made.rename(file)


def quoted(option: str) -> str:
    """An option as Spark's launcher reads it: in quotation marks, as a folder's name may have spaces.

    >>> print(quoted('-Dname=a "b" c'))
    "-Dname=a \\"b\\" c"
    """
    escaped = option.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
