"""A concept's words in their everyday sense; silent as soon as the concept itself is named.

The original's functions voted "other" on the very phrase they guard ("data science" holds
"love data"); here the guarded subject always comes first.
"""

from __future__ import annotations

from include.labelling.functions.registry import labelling_function
from include.lexicon.labels import ABSTAIN, NOT_AI
from include.lexicon.text_features import TextFeatures


def _everyday(post: TextFeatures, sense: str, *guarded: str) -> int:
    """Not AI where the everyday sense is there and none of the guarded subjects is."""
    named = post.subjects | post.acronyms | post.tagged_subjects
    if sense in post.context and named.isdisjoint((*guarded, "AI", "ai")):
        return NOT_AI
    return ABSTAIN


@labelling_function("everyday sense")
def not_data_science(post: TextFeatures) -> int:
    """Not AI for data as bought, loved or reported.

    >>> from include.lexicon.text_features import features
    >>> not_data_science(features("my mobile data is gone"))
    0
    >>> not_data_science(features("I love data science"))
    -1
    """
    return _everyday(post, "everyday data", "data science", "big data", "analytics", "machine learning")


@labelling_function("everyday sense")
def not_neural_network(post: TextFeatures) -> int:
    """Not AI for networks of people, phones and nerves.

    >>> from include.lexicon.text_features import features
    >>> not_neural_network(features("bad network again"))
    0
    >>> not_neural_network(features("the network is a neural network"))
    -1
    """
    return _everyday(post, "everyday network", "neural network", "deep learning", "machine learning")


@labelling_function("everyday sense")
def not_big_data(post: TextFeatures) -> int:
    """Not AI for what is merely big.

    >>> from include.lexicon.text_features import features
    >>> not_big_data(features("it's a big deal")), not_big_data(features("a big #BigData deal"))
    (0, -1)
    """
    return _everyday(post, "everyday big", "big data", "data science", "analytics", "machine learning")


@labelling_function("everyday sense")
def not_nlp(post: TextFeatures) -> int:
    """Not AI for languages people speak, and for neuro-linguistic programming.

    >>> from include.lexicon.text_features import features
    >>> not_nlp(features("NLP and hypnosis coaching"))
    0
    >>> not_nlp(features("the language of natural language processing"))
    -1
    """
    return _everyday(post, "everyday language", "language processing", "machine learning", "deep learning")


@labelling_function("everyday sense")
def not_ai(post: TextFeatures) -> int:
    """Not AI for schooling, spies and wits: learning and intelligence of people.

    >>> from include.lexicon.text_features import features
    >>> not_ai(features("distance learning for my kids")), not_ai(features("online learning of AI"))
    (0, -1)
    """
    everyday = {"everyday learning", "everyday intelligence"} & post.context
    return NOT_AI if everyday and not post.subjects and not post.mentions_ai else ABSTAIN


@labelling_function("everyday sense")
def not_cv(post: TextFeatures) -> int:
    """Not AI for a curriculum vitae, CV-19 and eyes.

    >>> from include.lexicon.text_features import features
    >>> not_cv(features("send your CV")), not_cv(features("computer vision syndrome"))
    (0, 0)
    >>> not_cv(features("computer vision"))
    -1
    """
    if "name only" in post.context and post.subjects == {"computer vision"}:
        return NOT_AI
    return _everyday(post, "everyday cv", "computer vision", "machine learning", "deep learning")
