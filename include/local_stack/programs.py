"""Every program of the embedded stack, in the order in which ``up`` starts them."""

from __future__ import annotations

import sys
from pathlib import Path

import httpx

from include.infra.processes.page_login import login_options
from include.infra.processes.service import Service, listens
from include.local_stack import kafka, postgres
from include.local_stack.airflow import server as airflow
from include.local_stack.streams import stream_services, unique
from include.serving.config import config_file
from include.settings import PROJECT_ROOT, Settings

FOUNDATIONS = ("postgres", "kafka")
"""What keeps data and everything else depends on: first up, last down."""


def programs(settings: Settings) -> list[Service]:
    """The services of these settings; where a server of one's own is configured, ours is left out.

    Raises:
        UserError: a workload can't be loaded, or two programs have the same name.
    """
    services = [] if settings.postgres_host != settings.host else [postgres.service(settings)]
    services += [] if settings.kafka_bootstrap_servers else [kafka.service(settings)]
    services += [] if settings.serving_url else [model_server(settings)]
    services += [
        _page(settings, "tagger", settings.tagger_port),
        _page(settings, "dashboard", settings.dashboard_port),
        _page(settings, "inbox", settings.inbox_port),
        monitor(settings),
        *airflow.services(settings),
        *stream_services(settings),
    ]
    return unique(services)


def model_server(settings: Settings) -> Service:
    """The local model server; it serves whatever promotion writes into its configuration."""
    config = config_file(settings).absolute()
    command = [
        sys.executable, "-m", "include.serving.local_server.server",
        "--host", settings.host,
        "--allowed_hosts", settings.allowed_hosts,
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
        environment={"TWEETSIEVE_DATABASE_ROLE": "monitor"},
        ready=lambda: _answers(f"http://{settings.host}:{settings.monitor_port}/metrics"),
        ports={"monitor_port": settings.monitor_port},
    )


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
    flags += login_options(settings, name, settings.state_dir / "secrets")
    return Service(
        name=name,
        command=[sys.executable, "-m", "streamlit", "run", str(app), *flags],
        environment={"TWEETSIEVE_DATABASE_ROLE": name},
        ready=lambda: _answers(f"http://{settings.host}:{port}/_stcore/health"),
        ports={f"{name}_port": port},
    )


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False
