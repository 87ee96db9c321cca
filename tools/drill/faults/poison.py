"""Very large messages among ordinary ones: what they cost the others."""

from __future__ import annotations

import time
from typing import Any

from tools.drill.testbed.testbed import DrillTestbed, TooLate

ORDINARY_PER_SECOND, LARGE_PER_SECOND = 200, 5
SLICES_PER_SECOND = 5
MOST_SECONDS = 2.0
"""Of the ordinary messages 95 of 100 are in the table within this time after they reached Kafka."""

_NOW = "SELECT extract(epoch FROM now())::float8"


def poison(testbed: DrillTestbed, outage: float) -> dict[str, Any]:
    """Large messages come with the ordinary ones, at a pace that the stream keeps up with.

    Raises:
        TooLate: the ordinary ones took longer than MOST_SECONDS.
    """
    samples, seconds = testbed.subject.samples, max(outage, 10.0)
    assert samples.ordinary_delay is not None
    testbed.until_done()
    began = testbed.ask(_NOW)
    large = _send(testbed, seconds)
    testbed.until_done()
    p95 = testbed.ask(samples.ordinary_delay, began)
    figures = {"large_messages": large, "ordinary_p95_seconds": None if p95 is None else round(p95, 2)}
    if p95 is None or p95 >= MOST_SECONDS:
        raise TooLate(f"ordinary messages beside large ones: p95 {p95} s, the most is {MOST_SECONDS} s")
    return figures


def _send(testbed: DrillTestbed, seconds: float) -> int:
    """Send both kinds at their paces; how many large ones that were."""
    large, slices = 0, int(seconds * SLICES_PER_SECOND)
    for slice_ in range(slices):
        began = time.monotonic()
        testbed.input.send(ORDINARY_PER_SECOND // SLICES_PER_SECOND)
        due = (slice_ + 1) * LARGE_PER_SECOND // SLICES_PER_SECOND - large
        testbed.input.send_large(due)
        large += due
        time.sleep(max(0.0, 1 / SLICES_PER_SECOND - (time.monotonic() - began)))  # the load's pace
    return large
