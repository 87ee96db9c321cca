"""What the hashtags say together: several AI tags, or one of them in a pile on other things."""

from __future__ import annotations

from include.labelling.functions.registry import labelling_function
from include.lexicon.labels import ABSTAIN, AI, NOT_AI
from include.lexicon.text_features import TextFeatures

OTHER_SUBJECTS = {"security", "music and video", "other technology", "crypto", "trading", "fiction", "game"}


def _only_tagged(post: TextFeatures) -> bool:
    """Whether AI stands in the hashtags alone, not in a sentence."""
    return bool(post.tagged_subjects) and not post.spoken - {"loose analytics", "loose robots"}


@labelling_function("hashtags")
def several_ai_tags(post: TextFeatures) -> int:
    """AI for two or more subjects among the hashtags.

    >>> from include.lexicon.text_features import features
    >>> several_ai_tags(features("New issue #MachineLearning #ai")), several_ai_tags(features("hi #ai #b2b"))
    (1, -1)
    """
    return AI if len(post.tagged_subjects) >= 2 else ABSTAIN


@labelling_function("hashtags")
def mostly_ai_tags(post: TextFeatures) -> int:
    """AI where three subjects or more fill at least a third of the hashtags.

    >>> from include.lexicon.text_features import features
    >>> mostly_ai_tags(features("#AI #BigData #DataScience #tech"))
    1
    >>> mostly_ai_tags(features("#AI #a #b #c #d"))
    -1
    """
    subjects = len(post.tagged_subjects)
    return AI if subjects >= 3 and 3 * subjects >= len(post.tags) else ABSTAIN


@labelling_function("hashtags")
def said_and_tagged(post: TextFeatures) -> int:
    """AI where a subject stands both in the sentence and in a hashtag.

    >>> from include.lexicon.text_features import features
    >>> said_and_tagged(features("When AI meets data #ArtificialIntelligence"))
    1
    """
    return AI if post.spoken - {"loose analytics", "loose robots"} and post.tagged_subjects else ABSTAIN


@labelling_function("hashtags")
def one_tag_in_a_pile(post: TextFeatures) -> int:
    """Not AI for one AI hashtag among three or more, no sentence needing it.

    >>> from include.lexicon.text_features import features
    >>> one_tag_in_a_pile(features("nice hat #hat #red #ai"))
    0
    >>> one_tag_in_a_pile(features("#AI helps #red #hat"))
    -1
    """
    alone = len(post.tagged_subjects) == 1 and len(post.tags) >= 3
    return NOT_AI if alone and _only_tagged(post) else ABSTAIN


@labelling_function("hashtags")
def lone_tag(post: TextFeatures) -> int:
    """Not AI for a single hashtag of the acronym, the one people pile up, that no sentence needs.

    >>> from include.lexicon.text_features import features
    >>> lone_tag(features("The latest news! #ai #b2b")), lone_tag(features("learn #ai #ml"))
    (0, -1)
    """
    acronym = len(post.tagged_subjects) == 1 and not {"ai", "ml", "dl"}.isdisjoint(post.tags)
    return NOT_AI if acronym and _only_tagged(post) else ABSTAIN


@labelling_function("hashtags")
def tags_of_another_subject(post: TextFeatures) -> int:
    """Not AI where at most two AI hashtags hang on a post of another subject.

    >>> from include.lexicon.text_features import features
    >>> tags_of_another_subject(features("voters' safety #CyberSecurity #infosec #malware #AI"))
    0
    """
    few = len(post.tagged_subjects) <= 2 and 4 * len(post.tagged_subjects) <= len(post.tags)
    return NOT_AI if few and _only_tagged(post) and OTHER_SUBJECTS & post.context else ABSTAIN
