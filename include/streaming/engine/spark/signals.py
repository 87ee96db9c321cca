"""Asking the driver to stop: SIGTERM reaches whichever of its two processes gets it.

Under spark-submit the process that a supervisor knows is the JVM, whose own reaction to SIGTERM is
to tear the Spark context down at once. Here both the JVM and this Python process only set a flag;
the driver drains, ends, and takes the JVM with it.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

NAMES = ("TERM", "INT")


def stop_flag() -> threading.Event:
    """A flag that SIGTERM and SIGINT to this process set. For the main thread only."""
    stop = threading.Event()
    for name in NAMES:
        signal.signal(getattr(signal, f"SIG{name}"), lambda *_: stop.set())
    return stop


class _JvmHandler:
    """``sun.misc.SignalHandler``, implemented here."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def handle(self, _signal: Any) -> None:
        self._stop.set()

    class Java:
        implements = ("sun.misc.SignalHandler",)


def watch_jvm(stop: threading.Event, gateway: Any) -> None:
    """Let the JVM's SIGTERM and SIGINT set the flag instead of ending it.

    ``gateway`` is the Py4J gateway of PySpark (``SparkContext._gateway``).
    """
    from pyspark.java_gateway import ensure_callback_server_started

    ensure_callback_server_started(gateway)
    handler = _JvmHandler(stop)
    for name in NAMES:
        gateway.jvm.sun.misc.Signal.handle(gateway.jvm.sun.misc.Signal(name), handler)


def watch_parent(stop: threading.Event) -> None:
    """Set the flag when the parent is gone: a JVM that was killed leaves this process behind."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent and not stop.wait(1):
            pass
        stop.set()

    threading.Thread(target=watch, name="parent", daemon=True).start()
