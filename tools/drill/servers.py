"""The drill's servers: real ones under the process manager, in a folder and on ports of the drill alone."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from include.infra.kafka.admin import Broker
from include.infra.processes.ports import is_free
from include.infra.processes.service import Service
from include.local_stack import kafka, postgres, programs, stack, streams
from include.local_stack.environment import environment
from include.settings import Settings
from include.streaming.workload import Workload
from tools.drill import model
from tools.drill.messages import Input
from tools.drill.proxy import ModelProxy
from tools.drill.receiver import Receiver
from tools.drill.subject import Subject
from tools.drill.testbed import DrillTestbed

PORTS = (
    "postgres_port", "kafka_port", "kafka_controller_port", "serving_port", "monitor_port", "airflow_port",
    "replay_port",
)  # fmt: skip
LASTING_PORTS = range(20_000, 32_000)
"""Below those that the kernel takes for outgoing connections: a server that is down for a while finds its
port still free."""

FIRST_MESSAGES = 1_000

Say = Callable[[str], None]


def drill_settings(state_dir: Path, receiver: Receiver) -> Settings:
    """Settings of a stack on free ports, which asks the model server through the proxy's port."""
    proxy_port, *ports = lasting_ports(1 + len(PORTS))
    values: dict[str, Any] = dict(zip(PORTS, ports, strict=True))
    values |= {"serving_url": f"http://127.0.0.1:{proxy_port}", "alert_webhook": receiver.url}
    return Settings(_env_file=None, state_dir=state_dir, **values)


@contextmanager
def running_testbed(
    settings: Settings, subject: Subject, receiver: Receiver, say: Say
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


def lasting_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """Random ports of LASTING_PORTS, all different, on which nothing listens at the moment."""
    free = (port for port in random.sample(LASTING_PORTS, len(LASTING_PORTS)) if is_free(host, port))
    return list(itertools.islice(free, count))


def own_ports(workload: Workload) -> dict[str, str]:
    """A free port for each port of the workload's own settings, as environment variables."""
    if workload.settings is None:
        return {}
    names = [name for name in workload.settings.model_fields if name.endswith("_port")]
    prefix = workload.settings.model_config.get("env_prefix", "")
    ports = lasting_ports(len(names))
    return {f"{prefix}{name}".upper(): str(port) for name, port in zip(names, ports, strict=True)}


def services(settings: Settings, subject: Subject) -> list[Service]:
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
    settings: Settings, subject: Subject, proxy: ModelProxy, receiver: Receiver, say: Say
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
