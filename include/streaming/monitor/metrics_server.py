"""The page with the metrics, for Prometheus."""

from __future__ import annotations

from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app, start_http_server

from include.infra.allowed_hosts import AllowedHosts, only_asked_for
from include.settings import Settings


def serve_metrics(settings: Settings, registry: CollectorRegistry) -> WSGIServer:
    """Serve the registry under allowed host names until the server's ``shutdown``.

    Raises:
        OSError: the port is taken.
    """
    server, _ = start_http_server(settings.monitor_port, settings.host, CollectorRegistry())
    server.set_app(only_asked_for(AllowedHosts.of(settings), make_wsgi_app(registry)))
    return server
