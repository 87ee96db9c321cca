"""Jars from Maven Central, resolved by the Ivy that Spark brings; a second run resolves nothing.

The pyspark pin decides the connector's version. What a set resolves to is pinned as well, each jar by its
SHA-256 (``jars.sha256``): after a change of a version here or of pyspark, ``make lock`` writes it anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import re
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from include.console.progress import step
from include.infra.errors import StackError
from include.infra.spark.checksums import PINNED, require_pinned
from include.infra.spark.java import java_binary
from include.settings import Settings, get_settings

log = logging.getLogger(__name__)

SCALA = "2.13"
KAFKA_BROKER = f"org.apache.kafka:kafka_{SCALA}:4.1.0"
# Of what the broker asks for, versions with published weaknesses, raised; SECURITY.md says which.
BROKER_RAISED = (
    "commons-beanutils:commons-beanutils:1.11.0",
    "at.yawk.lz4:lz4-java:1.11.0",  # where org.lz4:lz4-java went
    "org.apache.logging.log4j:log4j-core:2.25.3",
    "org.apache.logging.log4j:log4j-api:2.25.3",
)
BROKER_REPLACED = ("org.lz4:lz4-java",)
POSTGRES_DRIVER = "org.postgresql:postgresql:42.7.8"
BROKER_LOGGING = "org.slf4j:slf4j-simple:1.7.36"  # the broker names no logging back end


@dataclass(frozen=True)
class JarSet:
    """Jars that are resolved together and live in one folder.

    Attributes:
        left_out: of what the coordinates ask for, ``organisation:name``.
    """

    name: str
    coordinates: tuple[str, ...]
    beside_spark: bool
    left_out: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """Another one for other coordinates or other checksums, so that what lies there was checked."""
        wanted = " ".join((*self.coordinates, *self.left_out, PINNED.read_text(encoding="utf-8")))
        return f"{self.name}-{hashlib.sha256(wanted.encode()).hexdigest()[:12]}"


def spark_set() -> JarSet:
    """The Kafka connector for the installed pyspark, and the JDBC driver."""
    connector = f"org.apache.spark:spark-sql-kafka-0-10_{SCALA}:{version('pyspark')}"
    return JarSet("spark", (connector, POSTGRES_DRIVER), beside_spark=True)


def broker_set() -> JarSet:
    """The Kafka broker with its dependencies."""
    coordinates = (KAFKA_BROKER, BROKER_LOGGING, *BROKER_RAISED)
    return JarSet("kafka", coordinates, beside_spark=False, left_out=BROKER_REPLACED)


def spark_jars(settings: Settings | None = None) -> list[Path]:
    """Jars to hand to ``spark.jars`` / ``--jars``, resolved where they are missing."""
    return resolve(spark_set(), settings or get_settings())


def broker_jars(settings: Settings | None = None) -> list[Path]:
    """The broker's class path, resolved where it is missing."""
    return resolve(broker_set(), settings or get_settings())


def resolve_all(settings: Settings) -> None:
    """Resolve every set, in parallel: Ivy waits for the network one file at a time."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda jars: resolve(jars, settings), (broker_set(), spark_set())))


def resolve(jars: JarSet, settings: Settings) -> list[Path]:
    """The set's jars, sorted by name; downloaded at the first call, by one process at a time.

    Raises:
        StackError: Maven Central could not be reached or lacks one of them, with Ivy's message; or sent
            another jar than the pinned one.
    """
    folder = settings.jars_dir / jars.folder
    if not folder.is_dir():
        with _lock(settings.jars_dir, jars):
            if not folder.is_dir():
                log.info("resolving %s", ", ".join(jars.coordinates))
                with step(f"resolving the jars of {jars.name}", settings.jars_dir):
                    _download(jars, folder, settings)
    return sorted(folder.glob("*.jar"))


def _download(jars: JarSet, folder: Path, settings: Settings) -> None:
    with downloaded(jars, folder.parent, settings) as arrived:
        require_pinned(jars.name, arrived)
        flat = arrived.with_name("flat")
        flat.mkdir()
        for jar in arrived.rglob("*.jar"):
            jar.rename(flat / jar.name)
        flat.rename(folder)  # where the folder exists, it is complete


@contextmanager
def downloaded(jars: JarSet, parent: Path, settings: Settings) -> Iterator[Path]:
    """A folder in ``parent`` with the set's jars as ``<organisation>/<jar>``, unchecked; gone at the end."""
    with tempfile.TemporaryDirectory(dir=parent) as scratch_name:
        scratch = Path(scratch_name)
        arriving = scratch / "arriving"
        _run_ivy(jars, scratch, arriving, settings)
        if jars.beside_spark:
            _drop_what_spark_has(arriving)
        yield arriving


def _run_ivy(jars: JarSet, scratch: Path, target: Path, settings: Settings) -> None:
    module = scratch / "ivy.xml"
    module.write_text(ivy_module(jars), encoding="utf-8")
    command = [
        str(java_binary(settings)), "-cp", f"{pyspark_jars_folder()}/*", "org.apache.ivy.Main",
        "-ivy", str(module), "-cache", str(scratch / "cache"), "-warn",
        "-retrieve", f"{target}/[organisation]/[artifact]-[revision](-[classifier]).[ext]",
    ]  # fmt: skip
    if settings.ivy_settings is not None:
        command += ["-settings", str(settings.ivy_settings)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    if done.returncode or not target.is_dir():
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-25:])
        raise StackError(
            f"could not resolve {', '.join(jars.coordinates)} from Maven Central; check the network, or name "
            f"your own registry by TWEETSIEVE_IVY_SETTINGS. Ivy's message:\n{tail}"
        )


def ivy_module(jars: JarSet) -> str:
    """Ivy's description of a module that depends on the set's coordinates."""
    lines = []
    for coordinate in jars.coordinates:
        organisation, name, revision = coordinate.split(":")
        lines.append(
            f'<dependency org="{organisation}" name="{name}" rev="{revision}" conf="default->default"/>'
        )
    for left_out in jars.left_out:
        organisation, name = left_out.split(":")
        lines.append(f'<exclude org="{organisation}" module="{name}"/>')
    return (
        '<ivy-module version="2.0"><info organisation="tweetsieve" module="jars"/>'
        '<configurations><conf name="default"/></configurations>'
        f"<dependencies>{''.join(lines)}</dependencies></ivy-module>"
    )


def pyspark_jars_folder() -> Path:
    """Where the installed pyspark keeps its jars (Ivy is among them); does not start Spark."""
    from importlib.util import find_spec

    spec = find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise StackError("pyspark is not installed in this environment: run 'make setup'")
    return Path(spec.origin).parent / "jars"


def _drop_what_spark_has(folder: Path) -> None:
    present = {artifact(jar.name) for jar in pyspark_jars_folder().glob("*.jar")}
    for jar in list(folder.rglob("*.jar")):
        if artifact(jar.name) in present:
            jar.unlink()


def artifact(file_name: str) -> str:
    """A jar's name without its version.

    >>> artifact("lz4-java-1.8.0.jar"), artifact("spark-tags_2.13-4.0.0.jar")
    ('lz4-java', 'spark-tags_2.13')
    """
    return re.sub(r"-\d[^-]*(-[A-Za-z][^-]*)?\.jar$", "", file_name)


@contextmanager
def _lock(folder: Path, jars: JarSet) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f".{jars.folder}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
