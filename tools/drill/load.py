"""The load: messages that pour in while something is broken."""

from __future__ import annotations

import threading
import time

from tools.drill.testbed.testbed import DrillTestbed

SLICES, LOAD_SECONDS = 40, 8.0


class Load(threading.Thread):
    """Sends messages while a fault is at work: in SLICES, over LOAD_SECONDS at least."""

    def __init__(self, testbed: DrillTestbed, count: int, seconds: float = LOAD_SECONDS) -> None:
        super().__init__(name="load", daemon=True)
        self._testbed, self._count, self._seconds = testbed, count, seconds
        self.problem: BaseException | None = None

    def run(self) -> None:
        try:
            for slice_ in range(SLICES):
                began = time.monotonic()
                first, last = (self._count * number // SLICES for number in (slice_, slice_ + 1))
                self._testbed.input.send(last - first)
                time.sleep(max(0.0, self._seconds / SLICES - (time.monotonic() - began)))  # the load's pace
        except BaseException as problem:
            self.problem = problem
            raise
