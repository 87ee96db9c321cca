"""The embedded Kafka broker: one node in KRaft mode, on loopback, for one machine."""

from __future__ import annotations

import base64
import os
import subprocess
import uuid
from pathlib import Path

from include.infra.errors import StackError
from include.infra.processes.service import Service, listens
from include.infra.spark.jars import broker_jars
from include.infra.spark.java import java_binary, java_locale
from include.local_stack.properties import as_properties
from include.settings import Settings


def service(settings: Settings) -> Service:
    """The broker on ``settings.kafka_port``; its log lives in ``<state>/kafka``."""
    return Service(
        name="kafka",
        command=command(settings),
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
    return settings.state_dir.absolute() / "kafka"


def properties(settings: Settings) -> dict[str, str]:
    """The broker's configuration. A single node has no replicas to wait for."""
    broker = f"{settings.host}:{settings.kafka_port}"
    controller = f"{settings.host}:{settings.kafka_controller_port}"
    return {
        "node.id": "1",
        "process.roles": "broker,controller",
        "listeners": f"PLAINTEXT://{broker},CONTROLLER://{controller}",
        "advertised.listeners": f"PLAINTEXT://{broker},CONTROLLER://{controller}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        # Voters by address, not by a stored endpoint: the port may change between two starts.
        "controller.quorum.voters": f"1@{controller}",
        "log.dirs": str(data_dir(settings) / "data"),
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


def command(settings: Settings) -> list[str]:
    """The broker's argument vector."""
    heap = settings.kafka_heap
    return [*_java(settings, f"-Xmx{heap}", "-XX:+UseG1GC"), "kafka.Kafka", str(_properties_file(settings))]


def prepare(settings: Settings) -> None:
    """Write the configuration and, once, format the storage.

    Raises:
        StackError: the storage could not be formatted; with the tool's message.
    """
    file = _properties_file(settings)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(as_properties(properties(settings)), encoding="ascii")
    if (data_dir(settings) / "data" / "meta.properties").exists():
        return
    format_storage = [
        "kafka.tools.StorageTool",
        "format",
        "--ignore-formatted",
        "-c",
        str(file),
        "-t",
        _cluster_id(),
    ]
    command = [*_java(settings), *format_storage]
    variables = os.environ | java_locale()
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise StackError(f"Kafka could not format {data_dir(settings)}:\n{done.stdout}{done.stderr}")


def ready(settings: Settings) -> bool:
    """Whether the broker answers a request for its metadata."""
    if not listens(settings.host, settings.kafka_port):
        return False  # avoids librdkafka's own retries
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient

    client = AdminClient({"bootstrap.servers": f"{settings.host}:{settings.kafka_port}", "log_level": 0})
    try:
        return bool(client.list_topics(timeout=5).brokers)
    except KafkaException:
        return False


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
