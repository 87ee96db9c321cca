"""The gate that batches pass one at a time, so that a drain ends between two of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Draining(Exception):
    """The query is being drained; the batch is left for the next start."""


class Gate:
    """Open until :meth:`close`; knows for how long a batch has been inside."""

    def __init__(self) -> None:
        self._inside = threading.Lock()
        self._closed = threading.Event()
        self._since: float | None = None

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Let one batch through.

        Raises:
            Draining: the gate is closed. Returning instead would let Spark count the batch as done.
        """
        with self._inside:
            if self._closed.is_set():
                raise Draining("draining: this batch is left for the next start")
            self._since = time.monotonic()
            try:
                yield
            finally:
                self._since = None

    @property
    def closed(self) -> bool:
        return self._closed.is_set()

    def busy_seconds(self) -> float:
        """For how long the batch inside has been at work; 0 where there is none."""
        since = self._since
        return time.monotonic() - since if since is not None else 0.0

    def close(self, timeout: float) -> bool:
        """Let no further batch in and wait for the one inside; False where it takes longer."""
        self._closed.set()
        if self._inside.acquire(timeout=timeout):
            self._inside.release()
            return True
        return False
