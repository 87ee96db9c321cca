"""The votes of all labelling functions on many posts; the features of each text are computed once.

Faster than snorkel's appliers, which pass every row to every function; tests hold it equal to those.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from include.labelling.functions import LABELLING_FUNCTIONS
from include.labelling.functions.registry import LabellingFunction
from include.lexicon.text_features import features

if TYPE_CHECKING:
    from snorkel.labeling import LabelingFunction


def votes(texts: Sequence[str], functions: Sequence[LabellingFunction] = LABELLING_FUNCTIONS) -> np.ndarray:
    """The vote matrix.

    Args:
        texts: n texts, as they were posted.
        functions: m labelling functions.

    Returns:
        int8 array of shape [n, m]: -1 abstains, 0 not AI, 1 AI.

    >>> matrix = votes(["machine learning for banks", "good morning"])
    >>> matrix.shape[0], matrix.max(axis=1).tolist()
    (2, [1, 0])
    """
    voters = [function.vote for function in functions]
    matrix = np.empty((len(texts), len(voters)), dtype=np.int8)
    for row, text in enumerate(texts):
        post = features(text)
        matrix[row] = [vote(post) for vote in voters]
    return matrix


def snorkel_functions(
    functions: Sequence[LabellingFunction] = LABELLING_FUNCTIONS,
) -> list[LabelingFunction]:
    """The same functions as snorkel's, over rows with a ``text``, for its appliers and its analysis."""
    from snorkel.labeling import LabelingFunction

    return [
        LabelingFunction(name=function.name, f=_vote_on_row, resources={"function": function})
        for function in functions
    ]


def _vote_on_row(row: object, function: LabellingFunction) -> int:
    return function.vote(features(row.text))  # type: ignore[attr-defined]
