"""Asking a model on the scoring server: answers, whether they repeat, and how long they take."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from include.serving.client import ServingClient, ServingError

BATCH = 256
OTHER_BATCH = 100
"""A second reading asks in batches of another size: an answer must not hang on its neighbours."""
REFUSALS_IN_A_ROW = 16
"""After so many texts refused one by one nothing further is asked."""
ROUNDS = 60
FEWEST_ROUNDS = 5
LATENCY_SECONDS = 20.0
"""Rounds of the latency test; fewer where they take longer than this together."""


@dataclass(frozen=True)
class Said:
    """Probabilities float[n], NaN where there is no proper one; the first refusal in the server's words."""

    probabilities: np.ndarray
    refusal: str | None = None

    @property
    def improper(self) -> int:
        return int(np.isnan(self.probabilities).sum())


def ask(client: ServingClient, version: int, texts: Sequence[str], batch: int = BATCH) -> Said:
    """Ask in batches; where one is refused, text by text, so that it is known how many are improper.

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
            refusal = refusal or str(error)
            parts.append(_one_by_one(client, version, some))
            if np.isnan(parts[-1]).all():
                parts.append(np.full(len(texts) - start - len(some), np.nan))
                break
    return Said(np.concatenate(parts) if parts else np.zeros(0), refusal)


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


def repeat_difference(client: ServingClient, version: int, texts: Sequence[str], first: Said) -> float | None:
    """How far a second answer, in another order and in other batches, lies from the first; None where no
    text got a proper answer both times.

    Raises:
        ServingUnavailable: no answer.
    """
    again = ask(client, version, texts[::-1], OTHER_BATCH).probabilities[::-1]
    off = np.abs(again - first.probabilities)
    return None if np.isnan(off).all() else float(np.nanmax(off))


def latencies(
    client: ServingClient, versions: Sequence[int], texts: Sequence[str], batch: int
) -> dict[int, list[float]]:
    """Milliseconds of single requests of ``batch`` texts, the versions taking turns; the first of each,
    which warms up, doesn't count.

    Raises:
        ServingError, ServingUnavailable: a request failed.
    """
    asked = [texts[place % len(texts)] for place in range(batch)]
    took: dict[int, list[float]] = {version: [] for version in versions}
    deadline = time.monotonic() + LATENCY_SECONDS
    for round_ in range(ROUNDS + 1):
        for version in versions:
            began = time.perf_counter()
            client.predict(asked, version)
            took[version] += [1000 * (time.perf_counter() - began)] if round_ else []
        if round_ >= FEWEST_ROUNDS and time.monotonic() > deadline:
            break
    return took
