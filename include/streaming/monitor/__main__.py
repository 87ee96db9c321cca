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
from collections.abc import Sequence

from include.console.arguments import CommandParser
from include.console.command import command
from include.infra.errors import StackError
from include.settings import get_settings
from include.streaming.monitor.metrics_server import serve_metrics
from include.streaming.monitor.monitor import Monitor


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Monitor until SIGTERM."""
    CommandParser("include.streaming.monitor", __doc__).parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stdout)
    for chatty in ("httpx", "httpcore"):  # they log addresses, and a webhook's is a secret
        logging.getLogger(chatty).setLevel(logging.WARNING)
    settings, stop = get_settings(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    monitor = Monitor(settings)
    try:
        server = serve_metrics(settings, monitor.metrics.registry)
    except OSError as error:
        raise StackError(
            f"port {settings.monitor_port} can't be opened ({error.strerror}): choose another "
            "TWEETSIEVE_MONITOR_PORT"
        ) from error
    monitor.run(stop)
    server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
