"""The lock that batches hold one at a time, so that a drain ends between two of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Draining(Exception):
    """The query is being drained; the batch is left for the next start."""


class BatchLock:
    """Free for batches until :meth:`close`; knows for how long a batch has held it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._since: float | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock for one batch.

        Raises:
            Draining: it is closed. Returning instead would let Spark count the batch as done.
        """
        with self._lock:
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
        """For how long the batch at work has been so; 0 where there is none."""
        since = self._since
        return time.monotonic() - since if since is not None else 0.0

    def close(self, timeout: float) -> bool:
        """Refuse further batches, and wait for the one at work; False where it takes longer.

        Args:
            timeout: seconds.
        """
        self._closed.set()
        if self._lock.acquire(timeout=timeout):
            self._lock.release()
            return True
        return False
