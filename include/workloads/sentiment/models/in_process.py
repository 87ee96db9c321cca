"""A version inside the process that scores, as a scorer of the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from include.streaming.scorers.base import Refused
from include.workloads.sentiment.base.settings import Version
from include.workloads.sentiment.models.versions import OUTPUTS, model

TOO_LONG = "text too long"


def score_all(version: Version, max_text: int) -> Callable[[pa.RecordBatch], Mapping[str, Any]]:
    """A function from the column ``text`` [n] to OUTPUTS, n numbers each. It refuses what is too long."""
    score = model(version)

    def answer(inputs: pa.RecordBatch) -> Mapping[str, Any]:
        texts = inputs.column("text").to_pylist()
        if any(len(text) > max_text for text in texts):
            raise Refused(TOO_LONG, f"more than {max_text} characters")
        scores = [score(text) for text in texts]
        return {name: [one[name] for one in scores] for name in OUTPUTS}

    return answer
