"""The faults, one function each: break it while a batch is at work, and mend what would not mend itself.

Each gets the rig under load and how long an outage lasts, and returns what there is to say beside the
account. Whoever calls it waits afterwards until everything that was sent is committed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psutil

from tools.drill.proxy import Mode
from tools.drill.testbed import Late, Rig, second_copy

DRAIN_SECONDS = 30.0
HELD_EXIT_CODE = 3

Fault = Callable[[Rig, float], dict[str, Any]]


def none(rig: Rig, outage: float) -> dict[str, Any]:
    """Nothing breaks: what the load takes by itself."""
    rig.until_in_a_batch()
    return {}


def driver_killed(rig: Rig, outage: float) -> dict[str, Any]:
    """kill -9 of the driver's Python process; the process manager starts it again."""
    rig.until_in_a_batch()
    killed = rig.pid("stream")
    os.kill(killed, signal.SIGKILL)
    rig.until("the driver started again", lambda: rig.pid("stream") not in (0, killed))
    return {"killed": killed}


def jvm_killed(rig: Rig, outage: float) -> dict[str, Any]:
    """kill -9 of the driver's Java process."""
    rig.until_in_a_batch()
    java = rig.jvm()
    before = rig.pid("stream")
    java.kill()
    rig.until("the driver started again", lambda: rig.pid("stream") not in (0, before))
    return {"killed": java.pid}


def python_worker_killed(rig: Rig, outage: float) -> dict[str, Any]:
    """kill -9 of a process that runs a task."""
    rig.until_in_a_batch()
    before = rig.pid("stream")
    workers: list[psutil.Process] = []

    def found() -> bool:
        workers[:] = rig.python_workers()
        return bool(workers)

    rig.until("a Python worker", found)
    with suppress(psutil.NoSuchProcess):
        max(workers, key=lambda worker: worker.cpu_times().user).kill()
    return {"workers": len(workers), "driver": before}


def broker_restarted(rig: Rig, outage: float) -> dict[str, Any]:
    """The broker is stopped and started."""
    rig.until_in_a_batch()
    rig.stop("kafka")
    rig.start("kafka")
    return {}


def postgres_restarted(rig: Rig, outage: float) -> dict[str, Any]:
    """The database is stopped, as for an upgrade, and started."""
    rig.until_in_a_batch()
    rig.stop("postgres")
    rig.start("postgres")
    _until_postgres(rig)
    return {}


def postgres_killed(rig: Rig, outage: float) -> dict[str, Any]:
    """kill -9 of the database server: it comes back by crash recovery, unlogged tables empty."""
    rig.until_in_a_batch()
    killed = rig.pid("postgres")
    os.kill(killed, signal.SIGKILL)
    rig.until("the database started again", lambda: rig.pid("postgres") not in (0, killed))
    _until_postgres(rig)
    return {"killed": killed}


def model_server_down(rig: Rig, outage: float) -> dict[str, Any]:
    """The model server is stopped for the whole outage."""
    rig.until_in_a_batch()
    rig.stop("model-server")
    time.sleep(outage)  # the length of the outage is what is tried
    rig.start("model-server")
    return {"outage_seconds": outage}


def model_server_answers(mode: Mode) -> Fault:
    """The model server's answers go wrong for the outage."""

    def fault(rig: Rig, outage: float) -> dict[str, Any]:
        rig.until_in_a_batch()
        rig.proxy.mode = mode
        try:
            time.sleep(outage)  # as above
        finally:
            rig.proxy.mode = "pass"
        return {"outage_seconds": outage}

    return fault


def checkpoint_deleted(rig: Rig, outage: float) -> dict[str, Any]:
    """Spark's checkpoint vanishes under the running query, which is then killed."""
    rig.until_in_a_batch()
    shutil.rmtree(rig.workload.checkpoint_dir(rig.settings), ignore_errors=True)
    queries = "SELECT count(DISTINCT query_id) FROM stream_commit WHERE batch_id >= 0"
    before = rig.ask(queries)
    killed = rig.pid("stream")
    os.kill(killed, signal.SIGKILL)
    rig.until("a new query", lambda: rig.ask(queries) > before)
    return {"queries_before": before}


def second_copy_started(rig: Rig, outage: float) -> dict[str, Any]:
    """Another copy starts beside the one at work; it has to refuse and say who holds the lease."""
    rig.until_in_a_batch()
    before = rig.pid("stream")
    command, environment = second_copy(rig.settings)
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120
    )
    refused = done.returncode == HELD_EXIT_CODE and f"/{before}/" in done.stdout
    if not refused:
        raise Late(f"the second copy ended with {done.returncode}:\n{done.stdout[-2000:]}")
    if rig.pid("stream") != before:
        raise Late("the first copy did not go on")
    return {"second_copy_exit_code": done.returncode}


def terminated(rig: Rig, outage: float) -> dict[str, Any]:
    """SIGTERM: the stream drains, gives its lease back and ends by itself; then it is started again."""
    rig.until_in_a_batch()
    began = time.monotonic()
    os.kill(rig.pid("stream"), signal.SIGTERM)
    rig.until("drained", lambda: rig.pid("stream") == 0, DRAIN_SECONDS)
    seconds = time.monotonic() - began
    held = rig.ask("SELECT count(*) FROM stream_lease")
    if held:
        raise Late("the lease was not given back")
    rig.start("stream")
    return {"drained_after_seconds": round(seconds, 2)}


FAULTS: dict[str, Fault] = {
    "none": none,
    "driver killed": driver_killed,
    "driver's JVM killed": jvm_killed,
    "Python worker killed": python_worker_killed,
    "broker restarted": broker_restarted,
    "Postgres restarted": postgres_restarted,
    "Postgres killed": postgres_killed,
    "model server down": model_server_down,
    "model server: 500": model_server_answers("500"),
    "model server: slow": model_server_answers("slow"),
    "model server: NaN": model_server_answers("NaN"),
    "checkpoint deleted": checkpoint_deleted,
    "second copy started": second_copy_started,
    "SIGTERM": terminated,
}
"""Every fault by its name, in the order of the drill."""

SHORT = ("driver killed", "Python worker killed", "Postgres killed", "model server: NaN", "SIGTERM")
"""The faults of the short drill, beside which it takes the same account."""


def _until_postgres(rig: Rig) -> None:
    from include.local_stack import postgres

    rig.until("the database answers", lambda: postgres.ready(rig.settings))
