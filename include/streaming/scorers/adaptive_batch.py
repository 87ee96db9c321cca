"""How many texts to send per request: more, for as long as that makes each of them cheaper."""

from __future__ import annotations

import threading
from statistics import median

SMALLEST = 64
SAMPLES = 4
"""Full requests that a size is judged by."""
WORTH = 0.97
"""A size is better where a text takes at most this much of what it took at the other."""
HELD = 500
"""Requests after which a size that had won is tried against the next larger one again."""


class AdaptiveBatch:
    """The size of the next request, between SMALLEST and ``largest``; safe to share among threads.

    It starts in the middle, doubles while the time per text falls, goes back where it does not, and
    halves where a request was not answered in time.
    """

    def __init__(self, largest: int) -> None:
        self._largest = max(largest, 1)
        self._lock = threading.Lock()
        self.rows = max(min(SMALLEST, self._largest), self._largest // 4)
        self._seconds: list[float] = []
        self._smaller: tuple[int, float] | None = None
        self._held = 0

    def answered(self, texts: int, seconds: float) -> None:
        """A request of so many texts took so long; only those of about the present size tell anything."""
        with self._lock:
            if not 0.75 <= texts / self.rows <= 1.5:
                return
            if self._held:
                self._held -= 1
                return
            self._seconds.append(seconds / texts)
            if len(self._seconds) >= SAMPLES:
                self._judge(median(self._seconds))

    def unanswered(self) -> None:
        """A request timed out: the server may not be up to such sizes."""
        with self._lock:
            self._go_to(max(min(SMALLEST, self._largest), self.rows // 2), held=HELD)

    def _judge(self, per_text: float) -> None:
        before, self._smaller = self._smaller, None
        if before and per_text > before[1] * WORTH:
            self._go_to(before[0], held=HELD)
        elif self.rows < self._largest:
            self._smaller = (self.rows, per_text)
            self._go_to(min(self._largest, self.rows * 2))
        else:
            self._go_to(self.rows, held=HELD)

    def _go_to(self, size: int, held: int = 0) -> None:
        self.rows, self._held = size, held
        self._seconds.clear()
