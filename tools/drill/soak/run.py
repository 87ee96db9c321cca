"""The soak: messages as fast as the stream takes them, and a sample every ten seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tools.drill.soak.samples import Sample, take
from tools.drill.soak.trend import Trend, trend
from tools.drill.testbed.testbed import DrillTestbed

EVERY_SECONDS = 10.0
BACKLOG, SLICE = 20_000, 2_000
"""More is sent as long as fewer messages wait: the stream always has work, and Kafka does not fill."""

FEWEST_SAMPLES = 6
SAMPLES_BETWEEN_WORDS = 6

Say = Callable[[str], None]


def soak(testbed: DrillTestbed, minutes: float, say: Say) -> dict[str, Any]:
    """Run at full rate for so many minutes; the samples, and of each figure whether it is flat."""
    began, over = time.monotonic(), threading.Event()
    load = threading.Thread(target=_load, args=(testbed, over), daemon=True, name="load")
    first = testbed.input.sent.messages
    load.start()
    samples: list[Sample] = []
    try:
        while (seconds := time.monotonic() - began) < 60 * minutes or len(samples) < FEWEST_SAMPLES:
            samples.append(take(testbed, seconds))
            if len(samples) % SAMPLES_BETWEEN_WORDS == 1:
                sent = testbed.input.sent.messages - first
                say(f"{seconds / 60:.0f} of {minutes:g} min: {sent:,} messages sent")
            over.wait(max(0.0, EVERY_SECONDS - (time.monotonic() - began - seconds)))
            if over.is_set():
                raise RuntimeError("the load ended before its time")
    finally:
        over.set()
        load.join(60)
    testbed.until_done()
    seconds = time.monotonic() - began
    trends = trends_of(samples)
    return {
        "minutes": minutes,
        "messages": testbed.input.sent.messages - first,
        "messages_per_second": round((testbed.input.sent.messages - first) / seconds),
        "trends": [asdict(one) for one in trends],
        "growing": [one.name for one in trends if one.flat is False],
        "samples": samples,
    }


def trends_of(samples: list[Sample]) -> list[Trend]:
    """The trend of every figure that is in most samples."""
    names = sorted({name for sample in samples for name in sample} - {"seconds"})
    found = []
    for name in names:
        points = [(sample["seconds"], sample[name]) for sample in samples if name in sample]
        if len(points) > len(samples) // 2:
            times, values = zip(*points, strict=True)
            found.append(trend(name, times, values))
    return found


def told(done: dict[str, Any]) -> str:
    """A line for each figure that has a verdict, and one on the rest."""
    lines = [f"{done['messages']:,} messages in {done['minutes']:g} min, {done['messages_per_second']:,}/s"]
    for one in done["trends"]:
        if one["flat"] is not None:
            verdict = "flat" if one["flat"] else "GROWS"
            lines.append(
                f"{one['name']:34} {one['first']:>10,.1f} -> {one['last']:>10,.1f}"
                f" {one['per_hour']:>+12,.1f}/h  {verdict}"
            )
    growing = ", ".join(done["growing"])
    return "\n".join([*lines, f"grows: {growing}" if growing else "memory and files are flat"])


def plot(done: dict[str, Any], target: Path) -> None:
    """Memory, files and tables over time, as a PNG."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot as plt

    samples: list[Sample] = done["samples"]
    figure, panels = plt.subplots(3, 1, figsize=(10, 12), sharex=True, layout="constrained")
    kinds = (("rss", "resident memory, MB"), ("files", "files"), ("table", "tables, MB"))
    for panel, (kind, label) in zip(panels, kinds, strict=True):
        for name in sorted({name for sample in samples for name in sample if name.startswith(f"{kind}/")}):
            points = [(sample["seconds"] / 60, sample[name]) for sample in samples if name in sample]
            if max(value for _, value in points) > 0:
                panel.plot(*zip(*points, strict=True), label=name.partition("/")[2])
        panel.set_ylabel(label)
        panel.set_ylim(bottom=0)
        panel.legend(fontsize="x-small", loc="upper left", ncols=2)
    panels[-1].set_xlabel("minutes")
    figure.savefig(target, dpi=100)
    plt.close(figure)


def _load(testbed: DrillTestbed, over: threading.Event) -> None:
    try:
        while not over.is_set():
            if testbed.left() < BACKLOG:
                testbed.input.send(SLICE)
                testbed.input.flush()
            else:
                over.wait(0.1)
    except BaseException:
        over.set()
        raise
