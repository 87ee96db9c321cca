"""What ``up`` does not start: each workload's stream, and what runs beside it. The launcher drives them."""

from __future__ import annotations

import re
import shlex
import sys
from itertools import chain

from include.errors import UserError
from include.infra.processes.service import Service, listens
from include.infra.spark.jars import spark_jars
from include.settings import PROJECT_ROOT, Settings
from include.streaming.control.launcher import stream_program
from include.streaming.control.producers import embedded_services
from include.streaming.programs import Program
from include.streaming.registry import workload_named, workload_names

MAX_TASK_FAILURES = 8
"""Tries of one task, such as after its Python worker died, before its batch is given up."""

STREAM_CONF = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.task.maxFailures": str(MAX_TASK_FAILURES),
    "spark.speculation": "false",  # a second copy of a task would only write what is thrown away
    "spark.executor.maxNumFailures": "15",
    "spark.executor.failuresValidityInterval": "1h",
}
"""What a stream runs with; TWEETSIEVE_SPARK_STREAM_CONF replaces and adds. See docs/scaling.md."""


def stream_services(settings: Settings) -> list[Service]:
    """The programs of every workload: services, producers, the stream itself.

    Raises:
        UserError: a workload can't be loaded, or two programs have the same name.
    """
    return unique(
        [service for name in workload_names(settings) for service in workload_services(settings, name)]
    )


def unique(services: list[Service]) -> list[Service]:
    """The services, each with a name of its own.

    Raises:
        UserError: two have the same name.
    """
    names = [service.name for service in services]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UserError(f"two programs have the same name: {', '.join(twice)}; rename one in its workload.py")
    return services


def workload_services(settings: Settings, name: str) -> list[Service]:
    """The programs of one workload, its stream last.

    Raises:
        UserError: the workload can't be loaded.
    """
    workload = workload_named(name, settings)
    producers = chain.from_iterable(producer.programs for producer in workload.producers.values())
    programs = (*embedded_services(settings, workload), *producers)
    beside = [beside_stream(settings, program) for program in programs]
    return [*beside, stream(settings, name)]


def beside_stream(settings: Settings, program: Program) -> Service:
    """A declared program as a service; ready when it listens on each of its ports."""
    ports = dict(program.ports(settings))
    return Service(
        name=program.name,
        command=[sys.executable, "-m", program.module, *program.arguments(settings)],
        environment={"TWEETSIEVE_DATABASE_ROLE": "stream"},
        ready=lambda: all(listens(settings.host, port) for port in ports.values()),
        ports=ports,
        autostart=False,
    )


def stream(settings: Settings, workload: str) -> Service:
    """The stream of a workload.

    Python is the parent and the JVM its child, not the other way round as under spark-submit's
    script: so SIGTERM reaches the application, which ends its batch, before Spark goes away.
    """
    submit = [
        "--master", retrying(settings.spark_master),
        "--driver-memory", settings.spark_driver_memory,
        "--jars", ",".join(str(jar) for jar in spark_jars(settings)),
    ]  # fmt: skip
    conf = {**STREAM_CONF, **dict(pair.split("=", 1) for pair in shlex.split(settings.spark_stream_conf))}
    submit += [part for key, value in conf.items() for part in ("--conf", f"{key}={value}")]
    application = [str(PROJECT_ROOT / "spark_apps" / "stream_classify.py"), "--workload", workload]
    return Service(
        name=stream_program(workload),
        command=[sys.executable, *application],
        environment={
            "PYSPARK_SUBMIT_ARGS": shlex.join([*submit, "pyspark-shell"]),
            "TWEETSIEVE_DATABASE_ROLE": "stream",
        },
        ready=lambda: True,
        stop_whole_group=False,
        stop_seconds=40,
        autostart=False,
    )


def retrying(master: str) -> str:
    """A local master on which a failed task is tried again, as on a cluster; others as they are.

    >>> retrying("local[2]"), retrying("local[*,3]"), retrying("spark://host:7077")
    ('local[2,8]', 'local[*,3]', 'spark://host:7077')
    """
    return re.sub(r"^local\[([^,\]]+)\]$", rf"local[\1,{MAX_TASK_FAILURES}]", master)
