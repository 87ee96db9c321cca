"""Ctrl-C while a program still loads what it needs, before its ``main`` can answer for it.

Loading takes seconds, and a person who has seen a slip of the hand presses Ctrl-C in the first of them.
"""

from __future__ import annotations

import sys
from types import TracebackType


def install() -> None:
    """Have this process end at Ctrl-C without a stack trace; Python still ends it by the signal."""
    shown = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            shown(kind, error, where)

    sys.excepthook = hook
