"""Every program of the embedded stack, in the order in which ``up`` starts them."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import httpx

from include.infra.processes import paths
from include.infra.processes.service import Service, listens
from include.infra.spark.jars import spark_jars
from include.local_stack import kafka, postgres
from include.local_stack.airflow import server as airflow
from include.settings import PROJECT_ROOT, Settings

FOUNDATIONS = ("postgres", "kafka")
"""What keeps data and everything else leans on: first up, last down."""

LIVE = ("stream", "feed", "feed-x", "replay")
"""What the launcher of the streaming classifier starts, not ``up``; first down, in this order."""

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
"""What the stream runs with; TWEETSIEVE_SPARK_STREAM_CONF replaces and adds. See docs/scaling.md."""


def programs(settings: Settings) -> list[Service]:
    """The services of these settings; where a server of one's own is configured, ours is left out."""
    services = [] if settings.postgres_host != settings.host else [postgres.service(settings)]
    services += [] if settings.kafka_bootstrap_servers else [kafka.service(settings)]
    services += [] if settings.serving_url else [model_server(settings)]
    return [
        *services,
        _page(settings, "tagger", settings.tagger_port),
        _page(settings, "dashboard", settings.dashboard_port),
        monitor(settings),
        *airflow.services(settings),
        *live(settings),
    ]


def model_server(settings: Settings) -> Service:
    """The local model server; it serves whatever promotion writes into its configuration."""
    config = settings.serving_dir.absolute() / "models.config"
    command = [
        sys.executable, "-m", "include.serving.local_server.server",
        "--host", settings.host,
        "--rest_api_port", str(settings.serving_port),
        "--model_config_file", str(config),
        "--model_config_file_poll_wait_seconds", "1",
    ]  # fmt: skip
    return Service(
        name="model-server",
        command=command,
        prepare=lambda: config.parent.mkdir(parents=True, exist_ok=True),
        ready=lambda: listens(settings.host, settings.serving_port),
        ports={"serving_port": settings.serving_port},
        start_seconds=120,
    )


def monitor(settings: Settings) -> Service:
    """The stream's health monitor: metrics for Prometheus, and alerts."""
    return Service(
        name="monitor",
        command=[sys.executable, "-m", "include.streaming.monitor"],
        ready=lambda: _answers(f"http://{settings.host}:{settings.monitor_port}/metrics"),
        ports={"monitor_port": settings.monitor_port},
    )


def live(settings: Settings) -> list[Service]:
    """What ``up`` does not start: the streaming classifier and its feed, driven by the launcher."""
    python = [sys.executable, "-m"]
    replay = ["include.sources.replay", f"@{paths.replay_options_file(settings)}"]
    return [
        Service(
            name="replay",
            command=[*python, *replay],
            ready=lambda: listens(settings.host, settings.replay_port),
            ports={"replay_port": settings.replay_port},
            autostart=False,
        ),
        Service(
            name="feed",
            command=[*python, "include.sources.feed", "--source", "replay"],
            ready=lambda: True,
            autostart=False,
        ),
        Service(
            name="feed-x",
            command=[*python, "include.sources.feed", "--source", "x"],
            ready=lambda: True,
            autostart=False,
        ),
        stream(settings),
    ]


def stream(settings: Settings) -> Service:
    """The streaming classifier.

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
    application = [str(PROJECT_ROOT / "spark_apps" / "stream_classify.py"), "--workload", "ai_tweets"]
    return Service(
        name="stream",
        command=[sys.executable, *application],
        environment={"PYSPARK_SUBMIT_ARGS": shlex.join([*submit, "pyspark-shell"])},
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


def _page(settings: Settings, name: str, port: int) -> Service:
    options = {
        "server.address": settings.host,
        "server.port": port,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "browser.serverAddress": settings.host,
    }
    app = Path(PROJECT_ROOT, "streamlit_apps", name, "app.py")
    flags = [f"--{option}={value}" for option, value in options.items()]
    return Service(
        name=name,
        command=[sys.executable, "-m", "streamlit", "run", str(app), *flags],
        ready=lambda: _answers(f"http://{settings.host}:{port}/_stcore/health"),
        ports={f"{name}_port": port},
    )


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False
