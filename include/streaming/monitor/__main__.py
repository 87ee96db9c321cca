"""The streams' health monitor: ``python -m include.streaming.monitor``.

It shows metrics at ``http://<host>:<monitor_port>/metrics``, and sends alerts and the notices of their end to
the log, a webhook and people by e-mail (``TWEETSIEVE_ALERT_*``). It reads Postgres, and how full the
disks are, and nothing else: no failure of a stream, of Kafka or of a model server can stop it.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading

from prometheus_client import start_http_server

from include.settings import get_settings
from include.streaming.monitor.monitor import Monitor


def main() -> int:
    """Monitor until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stdout)
    for chatty in ("httpx", "httpcore"):  # they log addresses, and a webhook's is a secret
        logging.getLogger(chatty).setLevel(logging.WARNING)
    settings, stop = get_settings(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    monitor = Monitor(settings)
    server, _ = start_http_server(settings.monitor_port, settings.host, monitor.metrics.registry)
    monitor.run(stop)
    server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
