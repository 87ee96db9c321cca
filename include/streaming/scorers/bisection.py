"""Finding the one text in a batch that a model refuses, so that the rest of the batch goes through."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from include.streaming.scorers.base import Scores


class Refused(Exception):
    """The model won't take these texts; ``reason`` says why, in few and stable words."""

    def __init__(self, reason: str, details: str = "") -> None:
        super().__init__(details or reason)
        self.reason = reason


def isolate(
    texts: Sequence[str],
    ask: Callable[[Sequence[str]], Scores],
    confirm: Callable[[], None] = lambda: None,
) -> Scores:
    """Ask for all texts; where the batch is refused, for each half of it, down to single texts.

    One poisonous text among ``n`` costs about ``2 log2(n)`` requests. Before a text is given up,
    ``confirm()`` is called, which returns only when the model takes other texts, and the text is asked
    for once more.

    >>> def ask(texts):
    ...     if "poison" in texts:
    ...         raise Refused("bad text")
    ...     return Scores(np.full(len(texts), 0.5), np.ones(len(texts), np.int32))
    >>> isolate(["a", "poison", "b"], ask).refused
    {1: 'bad text'}
    """
    try:
        return ask(texts)
    except Refused:
        if len(texts) == 1:
            confirm()
            return _last_chance(texts, ask)
    middle = len(texts) // 2
    return Scores.joined([isolate(half, ask, confirm) for half in (texts[:middle], texts[middle:])])


def _last_chance(texts: Sequence[str], ask: Callable[[Sequence[str]], Scores]) -> Scores:
    try:
        return ask(texts)
    except Refused as refusal:
        return Scores(np.zeros(1), np.zeros(1, np.int32), {0: refusal.reason})
