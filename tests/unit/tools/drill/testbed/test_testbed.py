from __future__ import annotations

import subprocess
import sys

import psutil

from tools.drill.testbed.testbed import DrillTestbed


def test_a_child_that_nobody_waited_for_hides_no_worker(monkeypatch) -> None:
    """Java leaves such shells; asking one for its command line raises."""
    worker = 'import time, os\nif os.fork() == 0: time.sleep(60)\nprint("up", flush=True)\ntime.sleep(60)'
    zombie = subprocess.Popen(["true"])
    daemon = subprocess.Popen(
        [sys.executable, "-c", worker, "pyspark.daemon"], stdout=subprocess.PIPE, text=True
    )
    assert daemon.stdout is not None
    try:
        assert daemon.stdout.readline() == "up\n"
        while psutil.Process(zombie.pid).status() != psutil.STATUS_ZOMBIE:
            pass
        monkeypatch.setattr(DrillTestbed, "jvm", lambda _: psutil.Process())
        testbed = DrillTestbed.__new__(DrillTestbed)
        assert [one.ppid() for one in testbed.python_workers()] == [daemon.pid]
    finally:
        for child in psutil.Process(daemon.pid).children():
            child.kill()
        daemon.kill()
        daemon.wait()
        zombie.wait()
