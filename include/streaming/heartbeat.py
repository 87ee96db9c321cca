"""The thread that renews the lease for as long as the process lives."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from include.database import connect
from include.streaming.lease import RENEW_EVERY, Lease

log = logging.getLogger(__name__)


@contextmanager
def renewed(lease: Lease) -> Iterator[Lease]:
    """Renew a lease in the background; release it at the end."""
    done = threading.Event()
    thread = threading.Thread(target=_renew, args=(lease, done), name="lease", daemon=True)
    thread.start()
    try:
        yield lease
    finally:
        done.set()
        thread.join(timeout=2)
        lease.release()


def _renew(lease: Lease, done: threading.Event) -> None:
    """An outage of the database is no reason to stop: a commit is fenced by the lease anyway."""
    while not done.is_set() and not lease.lost.is_set():
        try:
            with connect(lease.settings, autocommit=True) as connection:
                lease.renew(connection)
                while not done.wait(RENEW_EVERY) and not lease.lost.is_set():
                    lease.renew(connection)
        except psycopg.OperationalError as problem:
            log.warning("the lease of %s could not be renewed: %s", lease.workload, problem)
            done.wait(1)
