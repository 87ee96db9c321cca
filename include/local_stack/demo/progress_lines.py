"""Lines of a demo's progress, each with the time since its start."""

from __future__ import annotations

import time

from include.console import progress

STARTED = time.monotonic()


def say(text: str) -> None:
    """Print one line with minutes and seconds since the start."""
    minutes, seconds = divmod(int(time.monotonic() - STARTED), 60)
    progress.say(f"[{minutes:02d}:{seconds:02d}] {text}")
