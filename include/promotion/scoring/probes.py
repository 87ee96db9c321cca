"""Asking a model on the scoring server: its answers, whether they repeat, and how long they take."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from include.promotion.latency import request_ms
from include.serving.client import ServingClient
from include.serving.errors import ServingError

BATCH = 256
OTHER_BATCH = 100
"""Size of the batches when asked a second time: an answer must not depend on its neighbours."""
LONGEST_REASON, QUOTE = 300, 12
"""Characters: of a server's words that are kept, and from how many on they count as taken from a post."""

REFUSALS_IN_A_ROW = 16
"""After so many texts in a row were refused one by one, the rest is not asked."""
ROUNDS = 60
FEWEST_ROUNDS = 5
LATENCY_SECONDS = 20.0
"""The latency test stops after so long, even before all ``ROUNDS``."""


@dataclass(frozen=True)
class ProbeResult:
    """Probabilities, float64[n], NaN where there is no proper one; ``refusal`` is the status of the first.

    Not the server's words: they may quote the post, and what the gate found is kept for good.
    """

    probabilities: np.ndarray
    refusal: str | None = None

    @property
    def improper(self) -> int:
        return int(np.isnan(self.probabilities).sum())


def probe(client: ServingClient, version: int, texts: Sequence[str], batch: int = BATCH) -> ProbeResult:
    """Ask in batches, and text by text where a batch is refused, to count the improper answers.

    Raises:
        ServingUnavailable: no answer at all.
    """
    parts: list[np.ndarray] = []
    refusal: str | None = None
    for start in range(0, len(texts), batch):
        some = texts[start : start + batch]
        try:
            parts.append(client.predict(some, version).probabilities)
        except ServingError as error:
            refusal = refusal or _reason(error, some)
            parts.append(_one_by_one(client, version, some))
            if np.isnan(parts[-1]).all():
                parts.append(np.full(len(texts) - start - len(some), np.nan))
                break
    return ProbeResult(np.concatenate(parts) if parts else np.zeros(0), refusal)


def _one_by_one(client: ServingClient, version: int, texts: Sequence[str]) -> np.ndarray:
    found = np.full(len(texts), np.nan)
    refused_in_a_row = 0
    for place, text in enumerate(texts):
        try:
            found[place] = client.predict([text], version).probabilities[0]
            refused_in_a_row = 0
        except ServingError:
            refused_in_a_row += 1
            if refused_in_a_row == REFUSALS_IN_A_ROW:
                break
    return found


def _reason(error: ServingError, texts: Sequence[str]) -> str:
    """The server's words, unless they quote a post: evidence stays for good, and posts can be forgotten."""
    words = str(error)[:LONGEST_REASON]
    pieces = [words[start : start + QUOTE] for start in range(max(1, len(words) - QUOTE + 1))]
    short = [text.strip() for text in texts if 0 < len(text.strip()) < QUOTE]
    quotes = any(piece in text for piece in pieces for text in texts) or any(one in words for one in short)
    return f"the server answers {error.status}" if quotes else words


def repeat_difference(
    client: ServingClient, version: int, texts: Sequence[str], first: ProbeResult
) -> float | None:
    """The largest difference between the first answers and those of a second time, in other batches and the
    other order; None where no text got a proper answer both times.

    Raises:
        ServingUnavailable: no answer.
    """
    again = probe(client, version, texts[::-1], OTHER_BATCH).probabilities[::-1]
    off = np.abs(again - first.probabilities)
    return None if np.isnan(off).all() else float(np.nanmax(off))


def latencies(
    client: ServingClient, versions: Sequence[int], texts: Sequence[str], batch: int
) -> dict[int, list[float]]:
    """Milliseconds of requests of ``batch`` texts, by version.

    The versions take turns, and the first request to each, which warms it up, doesn't count.

    Raises:
        ServingError, ServingUnavailable: a request failed.
    """
    asked = [texts[place % len(texts)] for place in range(batch)]
    took: dict[int, list[float]] = {version: [] for version in versions}
    for version in versions:
        request_ms(client, asked, version)
    began = time.monotonic()
    for round_ in range(ROUNDS):
        if round_ >= FEWEST_ROUNDS and time.monotonic() - began > LATENCY_SECONDS:
            break
        for version in versions:
            took[version].append(request_ms(client, asked, version))
    return took
