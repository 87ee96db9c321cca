"""Broad functions: whether there is any AI or data keyword, on word boundaries."""

from __future__ import annotations

from include.labelling.functions.registry import labelling_function
from include.lexicon.labels import ABSTAIN, AI, NOT_AI
from include.lexicon.text_features import TextFeatures


@labelling_function("keyword", broad=True)
def is_ai_tweet(post: TextFeatures) -> int:
    """AI where a keyword stands anywhere, as a word or as a hashtag.

    >>> from include.lexicon.text_features import features
    >>> is_ai_tweet(features("AI, and #MachineLearning!")), is_ai_tweet(features("air mail"))
    (1, -1)
    """
    return AI if post.mentions_ai else ABSTAIN


@labelling_function("keyword", broad=True)
def is_not_ai_tweet(post: TextFeatures) -> int:
    """Not AI where no keyword stands anywhere.

    >>> from include.lexicon.text_features import features
    >>> is_not_ai_tweet(features("good morning")), is_not_ai_tweet(features("deep learning"))
    (0, -1)
    """
    return ABSTAIN if post.mentions_ai else NOT_AI
