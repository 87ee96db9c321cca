"""Several processes of one service on one port: one that dies is replaced, the others go on meanwhile."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from types import FrameType

log = logging.getLogger("tweetsieve.sentiment")

AT_ONCE_SECONDS = 5.0
"""A process that ends so soon after its start with an error would do so again."""


class Processes:
    """Runs ``count`` processes of a command until SIGTERM or SIGINT.

    Each holds the other end of a pipe in its standard input, and ends when this process is gone.
    """

    def __init__(self, command: Sequence[str], count: int, environment: Mapping[str, str]) -> None:
        self._command = list(command)
        self._count = count
        self._environment = dict(environment)
        self._running: dict[int, tuple[subprocess.Popen[bytes], float]] = {}
        self._stopping = False

    def run(self) -> int:
        """The exit code: that of a process that can't be run, else 0."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        for _ in range(self._count):
            self._start()
        code = 0
        while self._running:
            pid, status = os.wait()
            child, began = self._running.pop(pid, (None, 0.0))
            if child is None or self._stopping:
                continue
            ended = os.waitstatus_to_exitcode(status)
            if ended > 0 and time.monotonic() - began < AT_ONCE_SECONDS:
                code = ended
                self._stop(signal.SIGTERM, None)
                continue
            log.warning("process %s ended with code %s and is replaced", pid, ended)
            self._start()
        return code

    def _start(self) -> None:
        child = subprocess.Popen(self._command, stdin=subprocess.PIPE, env=self._environment)
        self._running[child.pid] = (child, time.monotonic())

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True
        for child, _ in self._running.values():
            child.terminate()
