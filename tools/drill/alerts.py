"""How long it takes from an error that the source reports to the webhook's receipt."""

from __future__ import annotations

import statistics
import time
from typing import Any

from include.streaming.monitor.notify import RECOVERED
from tools.drill.load import Load
from tools.drill.testbed import Rig

PER_SECOND = 1_000
"""Posts per second beside the errors."""


def measure(rig: Rig, errors: int) -> dict[str, Any]:
    """Report so many different errors, one a second among posts; seconds until each is told, in numbers.

    Raises:
        Late: one was not told within five minutes.
    """
    arrived: dict[str, float] = {}
    for number in range(errors):
        load = Load(rig, PER_SECOND, seconds=1)
        load.start()
        text = f"drill-error-{number}-of-{errors}"
        rig.input.report_error(text)
        arrived[text] = time.time()
        load.join()
    rig.until("every error told", lambda: all(rig.receiver.texts(text) for text in arrived), 300)
    seconds = [
        next(at for at, told in rig.receiver.received if text in told) - start
        for text, start in arrived.items()
    ]
    return {
        "errors": errors,
        "posts_per_second": PER_SECOND,
        "p50_seconds": round(statistics.median(seconds), 2),
        "p95_seconds": round(sorted(seconds)[max(0, -(-95 * errors // 100) - 1)], 2),
        "max_seconds": round(max(seconds), 2),
        "told_more_than_once": sum(_alerts(rig, text) > 1 for text in arrived),
    }


def _alerts(rig: Rig, text: str) -> int:
    """How often an error was told; the notice of its end, a minute after it was last seen, is none."""
    return sum(RECOVERED not in told for told in rig.receiver.texts(text))
