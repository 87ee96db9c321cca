"""How examples of a model travel: from one text each to a request's inputs, and which output judges them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ExampleForm:
    """The form of a model's requests.

    Attributes:
        inputs: n examples as the request's inputs by name, n values each.
        output: the output with the probability of the positive class. ``model_version`` is there as well.
        any: an example that every version answers.
    """

    inputs: Callable[[Sequence[str]], Mapping[str, Any]]
    output: str
    any: str


def sendable(text: str) -> str:
    """The text without lone surrogates, which JSON in UTF-8 can't carry."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


TEXTS = ExampleForm(lambda texts: {"text": [sendable(text) for text in texts]}, "ai_prob", "served by")
"""Posts, as the classifier of posts takes them."""
