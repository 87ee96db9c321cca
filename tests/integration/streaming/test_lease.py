from __future__ import annotations

import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator

import psutil
import psycopg
import pytest

from include.infra.postgres.connection import connect
from include.settings import Settings
from include.streaming.state.lease import Lease, LeaseHeld, LeaseLost, is_dead, new_holder

pytestmark = pytest.mark.stack


@pytest.fixture
def workload(database: Settings) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex[:8]}"
    yield name
    with connect(database) as connection:
        connection.execute("DELETE FROM stream_lease WHERE workload = %s", [name])


def held(connection: psycopg.Connection, workload: str) -> str | None:
    row = connection.execute("SELECT holder FROM stream_lease WHERE workload = %s", [workload]).fetchone()
    return row[0] if row else None


def test_a_second_copy_is_refused_and_told_who_holds_it(database: Settings, workload: str) -> None:
    first, second = Lease(database, workload), Lease(database, workload)
    with connect(database, autocommit=True) as connection:
        first.acquire(connection)
        with pytest.raises(LeaseHeld, match="already running") as refusal:
            second.acquire(connection)
        assert refusal.value.holder == first.holder
        first.acquire(connection)
        second.release()
        assert held(connection, workload) == first.holder
        first.release()
        second.acquire(connection)
        assert held(connection, workload) == second.holder


def test_an_expired_lease_is_taken_over_and_the_old_holder_is_fenced(
    database: Settings, workload: str
) -> None:
    old, new = Lease(database, workload), Lease(database, workload)
    with connect(database, autocommit=True) as connection:
        old.acquire(connection)
        connection.execute(
            "UPDATE stream_lease SET expires_at = now() - interval '1 second' WHERE workload = %s", [workload]
        )
        new.acquire(connection)
        old.renew(connection)
        assert old.lost.is_set()
        with pytest.raises(LeaseLost), connection.transaction():
            old.fence(connection)
        with connection.transaction():
            new.fence(connection)
        new.renew(connection)
        assert not new.lost.is_set()


def test_nobody_takes_over_while_a_commit_holds_on(database: Settings, workload: str) -> None:
    old, new = Lease(database, workload), Lease(database, workload)
    with connect(database) as committing, connect(database, autocommit=True) as other:
        old.acquire(other)
        other.execute(
            "UPDATE stream_lease SET expires_at = now() - interval '1 second' WHERE workload = %s", [workload]
        )
        old.fence(committing)
        other.execute("SET lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            new.acquire(other)


def test_a_dead_process_of_this_host_is_replaced_at_once(database: Settings, workload: str) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    created = psutil.Process(child.pid).create_time()
    holder = f"{socket.gethostname()}/{child.pid}/{created:.2f}/00000000"
    assert not is_dead(holder)
    child.communicate(b"\n")
    assert is_dead(holder)
    with connect(database, autocommit=True) as connection:
        Lease(database, workload, holder).acquire(connection)
        Lease(database, workload).acquire(connection)


def test_a_pid_used_again_is_not_the_holder() -> None:
    host, pid, _, token = new_holder().split("/")
    assert is_dead(f"{host}/{pid}/1.00/{token}")
