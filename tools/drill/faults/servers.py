"""Servers and processes that break while a batch is at work, one function each."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from typing import Any

import psutil

from include.local_stack import postgres
from tools.drill.faults.fault import Fault
from tools.drill.testbed.proxy import Mode
from tools.drill.testbed.testbed import DrillTestbed, TooLate

DRAIN_SECONDS = 30.0
HELD_EXIT_CODE = 3


def none(testbed: DrillTestbed, outage: float) -> dict[str, Any]:
    """Nothing breaks: how long the load takes by itself."""
    testbed.until_in_a_batch()
    return {}


def driver_killed(testbed: DrillTestbed, outage: float) -> dict[str, Any]:
    """kill -9 of the driver's Python process; the process manager starts it again."""
    testbed.until_in_a_batch()
    killed = testbed.pid(testbed.stream)
    os.kill(killed, signal.SIGKILL)
    testbed.until("the driver started again", lambda: testbed.pid(testbed.stream) not in (0, killed))
    return {"killed": killed}


def jvm_killed(testbed: DrillTestbed, outage: float) -> dict[str, Any]:
    """kill -9 of the driver's Java process."""
    testbed.until_in_a_batch()
    java = testbed.jvm()
    before = testbed.pid(testbed.stream)
    java.kill()
    testbed.until("the driver started again", lambda: testbed.pid(testbed.stream) not in (0, before))
    return {"killed": java.pid}


def python_worker_killed(testbed: DrillTestbed, outage: float) -> dict[str, Any]:
    """kill -9 of a process that runs a task."""
    testbed.until_in_a_batch()
    before = testbed.pid(testbed.stream)
    workers: list[psutil.Process] = []

    def found() -> bool:
        workers[:] = testbed.python_workers()
        return bool(workers)

    testbed.until("a Python worker", found)
    with suppress(psutil.NoSuchProcess):
        max(workers, key=lambda worker: worker.cpu_times().user).kill()
    return {"workers": len(workers), "driver": before}


def broker_restarted(testbed: DrillTestbed, outage: float) -> dict[str, Any]:
    """The broker is stopped and started."""
    testbed.until_in_a_batch()
    testbed.stop("kafka")
    testbed.start("kafka")
    return {}


def postgres_restarted(testbed: DrillTestbed, outage: float) -> dict[str, Any]:
    """The database is stopped, as for an upgrade, and started."""
    testbed.until_in_a_batch()
    testbed.stop("postgres")
    testbed.start("postgres")
    _until_postgres(testbed)
    return {}


def postgres_killed(testbed: DrillTestbed, outage: float) -> dict[str, Any]:
    """kill -9 of the database server: it comes back by crash recovery, unlogged tables empty."""
    testbed.until_in_a_batch()
    killed = testbed.pid("postgres")
    os.kill(killed, signal.SIGKILL)
    testbed.until("the database started again", lambda: testbed.pid("postgres") not in (0, killed))
    _until_postgres(testbed)
    return {"killed": killed}


def model_server_down(testbed: DrillTestbed, outage: float) -> dict[str, Any]:
    """The model server is stopped for the whole outage."""
    testbed.until_in_a_batch()
    testbed.stop("model-server")
    time.sleep(outage)  # the outage has this length
    testbed.start("model-server")
    return {"outage_seconds": outage}


def model_server_answers(mode: Mode) -> Fault:
    """The model server's answers go wrong for the outage."""

    def fault(testbed: DrillTestbed, outage: float) -> dict[str, Any]:
        testbed.until_in_a_batch()
        testbed.proxy.mode = mode
        try:
            time.sleep(outage)  # as above
        finally:
            testbed.proxy.mode = "pass"
        return {"outage_seconds": outage}

    return fault


def scoring_service_killed(testbed: DrillTestbed, outage: float) -> dict[str, Any]:
    """kill -9 of each service that the workload scores with; the process manager starts them again."""
    testbed.until_in_a_batch()
    killed = {program.name: testbed.pid(program.name) for program in testbed.subject.workload.services}
    for pid in killed.values():
        os.kill(pid, signal.SIGKILL)
    testbed.until(
        "the services started again",
        lambda: all(testbed.pid(name) not in (0, pid) for name, pid in killed.items()),
    )
    return {"killed": list(killed.values())}


def second_copy_started(testbed: DrillTestbed, outage: float) -> dict[str, Any]:
    """Another copy starts beside the one at work; it has to refuse and name the lease's holder."""
    testbed.until_in_a_batch()
    before = testbed.pid(testbed.stream)
    command, environment = testbed.second_copy()
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120
    )
    refused = done.returncode == HELD_EXIT_CODE and f"/{before}/" in done.stdout
    if not refused:
        raise TooLate(f"the second copy ended with {done.returncode}:\n{done.stdout[-2000:]}")
    if testbed.pid(testbed.stream) != before:
        raise TooLate("the first copy did not go on")
    return {"second_copy_exit_code": done.returncode}


def terminated(testbed: DrillTestbed, outage: float) -> dict[str, Any]:
    """SIGTERM: the stream drains, gives its lease back and ends by itself; then it is started again."""
    testbed.until_in_a_batch()
    began = time.monotonic()
    os.kill(testbed.pid(testbed.stream), signal.SIGTERM)
    testbed.until("drained", lambda: testbed.pid(testbed.stream) == 0, DRAIN_SECONDS)
    seconds = time.monotonic() - began
    held = testbed.ask("SELECT count(*) FROM stream_lease WHERE workload = %s", testbed.subject.name)
    if held:
        raise TooLate("the lease was not given back")
    testbed.start(testbed.stream)
    return {"drained_after_seconds": round(seconds, 2)}


def _until_postgres(testbed: DrillTestbed) -> None:
    testbed.until("the database answers", lambda: postgres.ready(testbed.settings))
