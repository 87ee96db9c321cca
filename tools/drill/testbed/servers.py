"""The drill's servers: real ones under the process manager, in a folder and on ports of the drill alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from include.infra.kafka.admin import Broker
from include.infra.processes.ports import free_ports
from include.infra.processes.service import Service
from include.local_stack import kafka, postgres, programs, stack, streams
from include.local_stack.environment import environment
from include.settings import Settings
from include.streaming.workload import Workload
from tools.drill.testbed import model
from tools.drill.testbed.messages import Input
from tools.drill.testbed.proxy import ModelProxy
from tools.drill.testbed.receiver import Receiver
from tools.drill.testbed.subject import DrillSubject
from tools.drill.testbed.testbed import DrillTestbed

PORTS = (
    "postgres_port", "kafka_port", "kafka_controller_port", "serving_port", "monitor_port", "airflow_port",
    "replay_port",
)  # fmt: skip
FIRST_MESSAGES = 1_000

Say = Callable[[str], None]


def drill_settings(state_dir: Path, receiver: Receiver) -> Settings:
    """Settings of a stack on free ports, which asks the model server through the proxy's port."""
    proxy_port, *ports = free_ports(1 + len(PORTS))
    values: dict[str, Any] = dict(zip(PORTS, ports, strict=True))
    values |= {"serving_url": f"http://127.0.0.1:{proxy_port}", "alert_webhook": receiver.url}
    return Settings(_env_file=None, state_dir=state_dir, **values)


@contextmanager
def running_testbed(
    settings: Settings, subject: DrillSubject, receiver: Receiver, say: Say
) -> Iterator[DrillTestbed]:
    """All servers up and the workload's stream running on a model in service; all gone when left."""
    os.environ.update(own_ports(subject.workload))
    proxy_port = urlsplit(settings.model_url).port
    assert proxy_port is not None
    proxy = ModelProxy(settings.host, proxy_port, settings.serving_port)
    with receiver.running(), proxy.running():
        try:
            stack.up(settings, say, services(settings, subject))
            model.put_into_service(subject.samples, 1, {**os.environ, **environment(settings)})
            yield _started(settings, subject, proxy, receiver, say)
        finally:
            stack.down(settings, say)


def own_ports(workload: Workload) -> dict[str, str]:
    """A free port for each port of the workload's own settings, as environment variables."""
    if workload.settings is None:
        return {}
    names = [name for name in workload.settings.model_fields if name.endswith("_port")]
    prefix = workload.settings.model_config.get("env_prefix", "")
    ports = free_ports(len(names))
    return {f"{prefix}{name}".upper(): str(port) for name, port in zip(names, ports, strict=True)}


def services(settings: Settings, subject: DrillSubject) -> list[Service]:
    """The stack's own programs that the stream has to do with, what it scores with, and the stream."""
    return [
        postgres.service(settings),
        kafka.service(settings),
        *([programs.model_server(settings)] if subject.asks_model_server else []),
        programs.monitor(settings),
        *(streams.beside_stream(settings, program) for program in subject.workload.services),
        streams.stream(settings, subject.name),
    ]


def _started(
    settings: Settings, subject: DrillSubject, proxy: ModelProxy, receiver: Receiver, say: Say
) -> DrillTestbed:
    topics = subject.workload.topics(settings)
    Broker(settings).create_missing(topics)
    made = DrillTestbed(settings, subject, Input(settings, topics, subject.samples), proxy, receiver)
    for program in subject.workload.services:
        made.start(program.name)
    say(f"starting the stream of {subject.name}")
    made.start(made.stream)
    made.input.send(FIRST_MESSAGES)
    made.until_done()
    say("the stream runs")
    return made
