"""The lease on a workload: one running copy at a time, fenced by the database itself."""

from __future__ import annotations

import logging
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import psutil
import psycopg

from include.infra.postgres.connection import connect
from include.settings import Settings

SECONDS = 30.0
RENEW_EVERY = 5.0

_TAKE = """
INSERT INTO stream_lease AS held (workload, holder, expires_at)
VALUES (%(workload)s, %(holder)s, clock_timestamp() + make_interval(secs => %(seconds)s))
ON CONFLICT (workload) DO UPDATE SET holder = EXCLUDED.holder, expires_at = EXCLUDED.expires_at
WHERE held.expires_at < clock_timestamp() OR held.holder IN (EXCLUDED.holder, %(dead)s)
"""
_RENEW = """
UPDATE stream_lease SET expires_at = clock_timestamp() + make_interval(secs => %s)
WHERE workload = %s AND holder = %s
"""


class LeaseHeld(Exception):
    """Another copy runs the workload."""

    def __init__(self, workload: str, holder: str, expires_at: datetime) -> None:
        super().__init__(
            f"workload {workload} is already running: {holder} holds its lease, renewed until "
            f"{expires_at:%Y-%m-%d %H:%M:%S %Z}. Stop that copy first; one that died without a word "
            f"is replaced {SECONDS:.0f} s after its last renewal"
        )
        self.holder = holder


class LeaseLost(Exception):
    """Another copy has taken over; this one must not commit anything more."""


def new_holder() -> str:
    """Names this process: ``host/pid/its start time/random``."""
    process = psutil.Process()
    return f"{socket.gethostname()}/{process.pid}/{process.create_time():.2f}/{uuid.uuid4().hex[:8]}"


def is_dead(holder: str) -> bool:
    """Whether the holder was a process of this host that is gone; False where that can't be told.

    >>> is_dead(new_holder()), is_dead("elsewhere/1/0.00/abc")
    (False, False)
    """
    host, pid, created, _ = (holder.split("/") + [""] * 4)[:4]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        process = psutil.Process(int(pid))
        return process.status() == psutil.STATUS_ZOMBIE or f"{process.create_time():.2f}" != created
    except psutil.NoSuchProcess:
        return True


@dataclass
class Lease:
    """A held lease; ``lost`` is set when another copy has it."""

    settings: Settings
    workload: str
    holder: str = field(default_factory=new_holder)
    lost: threading.Event = field(default_factory=threading.Event)

    @property
    def token(self) -> str:
        """Eight hexadecimal digits, unique to this holder."""
        return self.holder.rsplit("/", 1)[-1]

    def acquire(self, connection: psycopg.Connection) -> None:
        """Take the lease where it is free, expired, or its holder is a dead process of this host.

        Raises:
            LeaseHeld: naming the holder.
        """
        with connection.transaction():
            row = connection.execute(
                "SELECT holder, expires_at FROM stream_lease WHERE workload = %s", [self.workload]
            ).fetchone()
            dead = row[0] if row and is_dead(row[0]) else None
            values = {"workload": self.workload, "holder": self.holder, "seconds": SECONDS, "dead": dead}
            if connection.execute(_TAKE, values).rowcount:
                return
            holder, expires_at = row or ("another copy", datetime.now().astimezone())
        raise LeaseHeld(self.workload, holder, expires_at)

    def fence(self, connection: psycopg.Connection) -> None:
        """Hold on to the lease until the caller's transaction ends: nobody can take it before.

        Raises:
            LeaseLost: another copy has it.
        """
        row = connection.execute(
            "SELECT FROM stream_lease WHERE workload = %s AND holder = %s FOR SHARE",
            [self.workload, self.holder],
        ).fetchone()
        if row is None:
            self.lost.set()
            raise LeaseLost(f"{self.holder} no longer holds the lease of workload {self.workload}")

    def renew(self, connection: psycopg.Connection) -> None:
        """Put off its end; sets ``lost`` where another copy has it."""
        if not connection.execute(_RENEW, [SECONDS, self.workload, self.holder]).rowcount:
            self.lost.set()

    def release(self) -> None:
        """Give it back; harmless where it is no longer ours or the database does not answer."""
        try:
            with connect(self.settings) as connection:
                connection.execute(
                    "DELETE FROM stream_lease WHERE workload = %s AND holder = %s",
                    [self.workload, self.holder],
                )
        except psycopg.OperationalError:
            return


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
