"""A load on the model server during a test, and its answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from include.settings import PROJECT_ROOT, Settings


@dataclass
class Load:
    """(sent, answered, version, failure) of every request; times in seconds since the epoch."""

    requests: list[tuple[float, float, int | None, str]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def answers(self) -> Counter[int]:
        """Number of answers by version."""
        return Counter(version for _, _, version, _ in self.requests if version is not None)

    @property
    def failures(self) -> Counter[str]:
        return Counter(failure for *_, failure in self.requests if failure)

    @property
    def rate(self) -> float:
        """Answers per second."""
        return sum(self.answers.values()) / self.seconds

    @property
    def slowest(self) -> float:
        """Seconds."""
        return max(answered - sent for sent, answered, _, _ in self.requests)

    def __str__(self) -> str:
        return (
            f"{len(self.requests)} requests in {self.seconds:.0f} s, {self.rate:.0f} answers/s, slowest "
            f"{self.slowest:.2f} s, failures: {dict(self.failures)}, answers: {dict(self.answers)}"
        )


@contextmanager
def load_on(settings: Settings, rate: float) -> Iterator[Load]:
    """Send ``rate`` requests per second until the block ends: to the label ``stable``, and an open canary's
    share to the new version by its number."""
    load = Load()
    command = [sys.executable, "-m", "tests.support.kubernetes.load_process", settings.model_url, str(rate)]
    names = ("promotion_target", "model_name")
    ours = {f"TWEETSIEVE_{name.upper()}": str(getattr(settings, name)) for name in names}
    with subprocess.Popen(
        command,
        cwd=PROJECT_ROOT,
        env=os.environ | ours,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "started\n"
        began = time.monotonic()
        try:
            yield load
        finally:
            load.seconds = time.monotonic() - began
            process.stdin.close()  # tells it to end
            load.requests = [tuple(one) for one in json.loads(process.stdout.read())]
    assert process.returncode == 0
