"""The rough net: is there any AI or data keyword at all, on word boundaries."""

from __future__ import annotations

from include.labelling.functions.registry import labelling_function
from include.lexicon.labels import ABSTAIN, AI, NOT_AI
from include.lexicon.text_features import Reading


@labelling_function("keyword", broad=True)
def is_ai_tweet(post: Reading) -> int:
    """AI where a keyword stands anywhere, as a word or as a hashtag.

    >>> from include.lexicon.text_features import read
    >>> is_ai_tweet(read("AI, and #MachineLearning!")), is_ai_tweet(read("air mail"))
    (1, -1)
    """
    return AI if post.mentions_ai else ABSTAIN


@labelling_function("keyword", broad=True)
def is_not_ai_tweet(post: Reading) -> int:
    """Not AI where no keyword stands anywhere.

    >>> from include.lexicon.text_features import read
    >>> is_not_ai_tweet(read("good morning")), is_not_ai_tweet(read("deep learning"))
    (0, -1)
    """
    return ABSTAIN if post.mentions_ai else NOT_AI
