"""The metrics' page, asked over HTTP."""

from __future__ import annotations

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter

from include.infra.processes.ports import free_ports
from include.settings import Settings
from include.streaming.monitor.metrics_server import serve_metrics

pytestmark = pytest.mark.stack


def test_metrics_are_told_under_allowed_names_alone() -> None:
    settings = Settings(_env_file=None, monitor_port=free_ports(1)[0], allowed_hosts="monitor")
    registry = CollectorRegistry()
    Counter("secrets", "What nobody else is to read.", registry=registry).inc()
    server = serve_metrics(settings, registry)
    try:
        url = f"http://127.0.0.1:{settings.monitor_port}/metrics"
        for host in ("localhost:1", "127.0.0.1", "monitor:8530"):
            assert "secrets_total 1.0" in httpx.get(url, headers={"Host": host}, trust_env=False).text
        for host in ("evil.example", f"evil.example:{settings.monitor_port}", "monitor.evil.example"):
            refused = httpx.get(url, headers={"Host": host}, trust_env=False)
            assert refused.status_code == 421
            assert "secrets" not in refused.text
            assert "TWEETSIEVE_ALLOWED_HOSTS" in refused.text
    finally:
        server.shutdown()
        server.server_close()
