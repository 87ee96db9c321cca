"""Verifying that a server serves a version: it answers real requests as the stored model does."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from include.promotion.errors import PromotionError, VerificationFailed
from include.serving.client import ServingClient
from include.serving.errors import ServingError, ServingUnavailable

TOLERANCE = 1e-5
"""How far a served probability may differ from the stored model's own."""
AVAILABLE_SECONDS = 60.0
"""How long a server may take to load a version, unless the caller says otherwise."""


def require_server(client: ServingClient) -> None:
    """Stop where no server answers, before anything is changed.

    Raises:
        PromotionError: names the address.
    """
    try:
        client.status()
    except ServingError:
        return  # it answers; before the first promotion it has no model
    except ServingUnavailable as error:
        raise PromotionError(f"{error}; start it with `make up`, or set TWEETSIEVE_SERVING_URL") from error


def verify(
    client: ServingClient,
    version: int,
    texts: Sequence[str],
    expected: np.ndarray | None,
    *,
    by_name: bool = True,
) -> dict[str, Any]:
    """Compare the server's answers with the stored model's own.

    Args:
        expected: float64[n]; None where they are not known: then only the version is compared.
        by_name: ask for the version by its number; else as production's clients ask.

    Returns:
        The number of texts and the largest difference, for the ledger.

    Raises:
        VerificationFailed: says what was wrong.
    """
    began = time.perf_counter()
    try:
        answer = client.predict(list(texts), version=version if by_name else None)
    except (ServingError, ServingUnavailable) as error:
        raise VerificationFailed(str(error)) from error
    seconds = round(time.perf_counter() - began, 4)
    if answer.model_version != version:
        raise VerificationFailed(
            f"version {answer.model_version} answered at {client.base_url} in place of version {version}"
        )
    found = {"requests": len(texts), "model_version": answer.model_version, "seconds": seconds}
    if expected is None:
        return found
    off = float(np.abs(answer.probabilities - expected).max())
    if not off <= TOLERANCE:
        raise VerificationFailed(
            f"version {version} at {client.base_url} answers other probabilities than the stored model, "
            f"by up to {off:.2g} (allowed: {TOLERANCE})"
        )
    return found | {"largest_difference": off}
