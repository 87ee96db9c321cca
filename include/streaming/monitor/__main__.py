"""The stream's health monitor: ``python -m include.streaming.monitor``.

Shows metrics at ``http://<host>:<monitor_port>/metrics``, and tells the log, a webhook and people by
e-mail (``TWEETSIEVE_ALERT_*``) when the stream is in trouble, and when that is over. It reads Postgres
only: whatever happens to the stream does not happen to it.
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
    """Watch until SIGTERM."""
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
