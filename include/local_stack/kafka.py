"""The embedded Kafka broker: one node in KRaft mode, on loopback, for one machine."""

from __future__ import annotations

import base64
import dataclasses
import os
import subprocess
import tempfile
import uuid
from pathlib import Path

from confluent_kafka import KafkaException
from pydantic import SecretStr

from include.infra.errors import StackError
from include.infra.kafka.admin import Broker, BrokerRefuses
from include.infra.kafka.connection import admin_client
from include.infra.processes.secret_files import private_folder, write_private
from include.infra.processes.service import Service, listens, running
from include.infra.spark.jars import broker_jars
from include.infra.spark.java import java_binary, java_locale
from include.local_stack.broker import credentials
from include.local_stack.broker.listeners import PLAIN, SCRAM, listeners
from include.local_stack.properties import as_properties
from include.settings import Settings


def service(settings: Settings) -> Service:
    """The broker on ``settings.kafka_port``; its log lives in ``<state>/kafka``."""
    return _service(settings, _properties_file(settings))


def _service(settings: Settings, file: Path) -> Service:
    return Service(
        name="kafka",
        command=command(settings, file),
        environment=java_locale(),
        prepare=lambda: prepare(settings),
        ready=lambda: ready(settings),
        ports={
            "kafka_port": settings.kafka_port,
            "kafka_controller_port": settings.kafka_controller_port,
        },
        stop_seconds=60,
    )


def data_dir(settings: Settings) -> Path:
    """Where topics and the cluster's metadata are kept."""
    return credentials.storage(settings).parent


def properties(settings: Settings, secret: str, mechanism: str = SCRAM) -> dict[str, str]:
    """The broker's configuration, which holds its own secret. A single node has no replicas to wait for."""
    controller = f"{settings.host}:{settings.kafka_controller_port}"
    return {
        "node.id": "1",
        "process.roles": "broker,controller",
        **listeners(settings, secret, mechanism),
        # Voters by address, not by a stored endpoint: the port may change between two starts.
        "controller.quorum.voters": f"1@{controller}",
        "log.dirs": str(credentials.storage(settings)),
        "num.partitions": str(settings.kafka_partitions),
        "log.retention.hours": str(settings.kafka_retention_hours),
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
    }


def command(settings: Settings, file: Path) -> list[str]:
    """The broker's argument vector, with the file of its properties."""
    heap = settings.kafka_heap
    return [*_java(settings, f"-Xmx{heap}", "-XX:+UseG1GC"), "kafka.Kafka", str(file)]


def prepare(settings: Settings) -> None:
    """Write the configuration; once, format the storage; see that the broker has our passwords.

    Raises:
        StackError: the storage could not be formatted, or the passwords not be set; with Kafka's message.
    """
    private_folder(data_dir(settings))
    secret = credentials.passwords(settings)[credentials.BROKER]
    write_private(_properties_file(settings), as_properties(properties(settings, secret)))
    if not (credentials.storage(settings) / "meta.properties").exists():
        _format(settings)
        credentials.note(settings)
    elif "SASL" in settings.kafka_protocol and not credentials.are_set(settings):
        _set_passwords(settings)
        credentials.note(settings)


def _format(settings: Settings) -> None:
    with tempfile.NamedTemporaryFile("w", dir=data_dir(settings), prefix=".format") as options:
        # By a file: other users see a program's arguments.
        options.write("\n".join(credentials.format_options(settings)))
        options.flush()
        command = [
            *_java(settings), "kafka.tools.StorageTool", "format", "--ignore-formatted",
            "-c", str(_properties_file(settings)), "-t", _cluster_id(), f"@{options.name}",
        ]  # fmt: skip
        variables = os.environ | java_locale()
        done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise StackError(f"Kafka could not format {data_dir(settings)}:\n{done.stdout}{done.stderr}")


def _set_passwords(settings: Settings) -> None:
    """Set them in data of an earlier release, or after they were lost or changed.

    A broker that runs for this alone takes nobody but us, by a password that is thrown away afterwards.
    """
    once = settings.model_copy(
        update={
            "kafka_sasl_mechanism": PLAIN,
            "kafka_username": credentials.BROKER,
            "kafka_password": SecretStr(credentials.new_password()),
        }
    )
    secret = once.kafka_password.get_secret_value()
    with tempfile.NamedTemporaryFile("w", dir=data_dir(settings), prefix=".passwords") as file:
        file.write(as_properties(properties(once, secret, PLAIN)))
        file.flush()
        service = dataclasses.replace(
            _service(once, Path(file.name)), name="kafka-passwords", prepare=lambda: None
        )
        with running(service, settings.logs_dir):
            try:
                credentials.set_in(admin_client(once), credentials.passwords(settings))
            except KafkaException as problem:
                raise StackError(f"Kafka could not set its passwords: {problem.args[0].str()}") from problem


def ready(settings: Settings) -> bool:
    """Whether the broker answers a request for its metadata.

    Raises:
        StackError: it answers, and refuses our password.
    """
    if not listens(settings.host, settings.kafka_port):
        return False  # avoids librdkafka's own retries
    try:
        return Broker(settings, timeout=5).answers()
    except BrokerRefuses as refusal:
        raise StackError(str(refusal)) from refusal


def _java(settings: Settings, *options: str) -> list[str]:
    class_path = ":".join(str(jar) for jar in broker_jars(settings))
    return [
        str(java_binary(settings)), *options, "-Djava.awt.headless=true",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss",
        "-Dorg.slf4j.simpleLogger.logFile=System.out",
        "-cp", class_path,
    ]  # fmt: skip


def _properties_file(settings: Settings) -> Path:
    return data_dir(settings) / "server.properties"


def _cluster_id() -> str:
    """A random id in Kafka's form, never with a leading dash: its tool would take that for an option."""
    return "A" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")[1:]
