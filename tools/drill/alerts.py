"""How long it takes from an error that the source reports to the webhook's receipt."""

from __future__ import annotations

import statistics
import time
from typing import Any

from include.streaming.monitor.notify import RECOVERED
from tools.drill.load import Load
from tools.drill.testbed.testbed import DrillTestbed

PER_SECOND = 1_000
"""Messages per second beside the errors."""


def measure(testbed: DrillTestbed, errors: int) -> dict[str, Any]:
    """Report so many different errors, one a second among messages; how many seconds until each was told.

    Raises:
        TooLate: one was not told within five minutes.
    """
    arrived: dict[str, float] = {}
    for number in range(errors):
        load = Load(testbed, PER_SECOND, seconds=1)
        load.start()
        text = f"drill-error-{number}-of-{errors}"
        testbed.input.report_error(text)
        arrived[text] = time.time()
        load.join()
    testbed.until("every error told", lambda: all(testbed.receiver.texts(text) for text in arrived), 300)
    seconds = [
        next(at for at, told in testbed.receiver.received if text in told) - start
        for text, start in arrived.items()
    ]
    return {
        "errors": errors,
        "messages_per_second": PER_SECOND,
        "p50_seconds": round(statistics.median(seconds), 2),
        "p95_seconds": round(sorted(seconds)[max(0, -(-95 * errors // 100) - 1)], 2),
        "max_seconds": round(max(seconds), 2),
        "told_more_than_once": sum(_alerts(testbed, text) > 1 for text in arrived),
    }


def _alerts(testbed: DrillTestbed, text: str) -> int:
    """How often an error was told; the notice of its end, a minute after it was last seen, is none."""
    return sum(RECOVERED not in told for told in testbed.receiver.texts(text))
