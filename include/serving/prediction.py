"""What counts as a prediction: probabilities for all texts, all of one model version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from include.serving.errors import ServingError


@dataclass(frozen=True)
class Prediction:
    """Probabilities, float64[n] in the order of the texts, and the model version that gave them."""

    probabilities: np.ndarray
    model_version: int


def read_prediction(
    answer: dict[str, Any], count: int, version: int | None, url: str, output: str = "ai_prob"
) -> Prediction:
    """The prediction in a server's JSON answer.

    Args:
        count: texts that were sent.
        version: the version that was asked for; None where any may answer.
        url: where the answer came from, for the error.
        output: the one with the probabilities.

    Raises:
        ServingError: the answer is not ``count`` finite numbers in [0, 1], all of the one version.
    """
    outputs = answer.get("outputs")
    if not isinstance(outputs, dict) or not {output, "model_version"} <= outputs.keys():
        raise _refused(url, f"without the outputs {output} and model_version")
    probabilities = _probabilities(outputs[output], count, url)
    return Prediction(probabilities, _version(outputs["model_version"], version, url))


def _probabilities(values: Any, count: int, url: str) -> np.ndarray:
    try:
        probabilities = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise _refused(url, "probabilities that are not numbers") from error
    if probabilities.shape != (count,):
        raise _refused(url, f"{probabilities.shape} probabilities for {count} texts")
    if not np.isfinite(probabilities).all():
        raise _refused(url, "a probability that is not a finite number")
    if probabilities.min() < 0 or probabilities.max() > 1:
        raise _refused(url, "a probability outside [0, 1]")
    return probabilities


def _version(values: Any, wanted: int | None, url: str) -> int:
    versions = set(values) if isinstance(values, list) else set()
    if len(versions) != 1 or (wanted is not None and versions != {wanted}):
        asked = "one version" if wanted is None else f"version {wanted}"
        raise _refused(url, f"for model versions {sorted(map(str, versions))} where {asked} was asked")
    return int(versions.pop())


def _refused(url: str, what: str) -> ServingError:
    return ServingError(f"{url} answered {what}", 200)
