"""Proof that a version serves: AVAILABLE by name, and its own answers over real requests."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from include.promotion.errors import PromotionError
from include.serving.client import ServingClient, ServingError, ServingUnavailable

TOLERANCE = 1e-5
AVAILABLE_SECONDS = 60.0


class NotProven(PromotionError):
    """The server doesn't serve the version as it should."""


def require_server(client: ServingClient) -> None:
    """Stop before anything is changed where no server answers.

    Raises:
        PromotionError: naming the address.
    """
    try:
        client.status()
    except ServingError:
        return  # it answers; that it knows no model yet is no fault
    except ServingUnavailable as error:
        raise PromotionError(f"{error}; start it with `make up`, or set TWEETSIEVE_SERVING_URL") from error


def prove(
    client: ServingClient,
    version: int,
    texts: Sequence[str],
    expected: np.ndarray | None,
    *,
    by_name: bool = True,
) -> dict[str, Any]:
    """Compare the server's answers with the model's own.

    Args:
        expected: float64[n]; None where they are not known: then only the version is compared.
        by_name: ask for the version by number; else as the target's clients ask.

    Returns:
        What was asked and how far the answers were off, for the ledger.

    Raises:
        NotProven: says what was wrong.
    """
    began = time.perf_counter()
    try:
        answer = client.predict(list(texts), version=version if by_name else None)
    except (ServingError, ServingUnavailable) as error:
        raise NotProven(str(error)) from error
    seconds = round(time.perf_counter() - began, 4)
    if answer.model_version != version:
        raise NotProven(f"version {version} was to answer at {client.base_url}, {answer.model_version} did")
    found = {"requests": len(texts), "model_version": answer.model_version, "seconds": seconds}
    if expected is None:
        return found
    off = float(np.abs(answer.probabilities - expected).max())
    if not off <= TOLERANCE:
        raise NotProven(
            f"version {version} at {client.base_url} answers other probabilities than the stored model, "
            f"off by up to {off:.2g} (allowed: {TOLERANCE})"
        )
    return found | {"largest_difference": off}
