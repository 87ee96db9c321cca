"""Secrets of the embedded stack: generated once, kept in the state folder, readable by their owner only."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def kept(path: Path, make: Callable[[], dict[str, str]]) -> dict[str, str]:
    """Read the secrets of a file, generated at the first call; safe when two processes call at once."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _publish(path, json.dumps(make()))
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _publish(path: Path, text: str) -> None:
    descriptor, scratch = tempfile.mkstemp(dir=path.parent)  # 0600 from the start
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(text)
        os.link(scratch, path)
    except FileExistsError:
        pass  # another process was first: its secrets count
    finally:
        os.unlink(scratch)
