"""Ordinary posts: talk between people, news of the day, nothing of technology."""

from __future__ import annotations

from include.labelling.functions.registry import labelling_function
from include.lexicon.function_words import CHATTER
from include.lexicon.labels import ABSTAIN, NOT_AI
from include.lexicon.text_features import TextFeatures, share


@labelling_function("ordinary posts", broad=True)
def no_technology(post: TextFeatures) -> int:
    """Not AI where no technology word and no keyword stands.

    >>> from include.lexicon.text_features import features
    >>> no_technology(features("so good")), no_technology(features("my computer"))
    (0, -1)
    """
    return ABSTAIN if post.mentions_ai or "technology" in post.context else NOT_AI


@labelling_function("ordinary posts")
def talk_between_people(post: TextFeatures) -> int:
    """Not AI for talk: a quarter of the words are those of a conversation, and no subject is named.

    >>> from include.lexicon.text_features import features
    >>> talk_between_people(features("i love you bro"))
    0
    >>> talk_between_people(features("you can learn deep learning"))
    -1
    """
    named = post.subjects or post.tagged_subjects
    return NOT_AI if not named and share(post.words, CHATTER) >= 0.25 else ABSTAIN


@labelling_function("ordinary posts", broad=True)
def reply_without_subject(post: TextFeatures) -> int:
    """Not AI for a reply that names no subject and bears no link.

    >>> from include.lexicon.text_features import features
    >>> reply_without_subject(features("@user I rest my case"))
    0
    >>> reply_without_subject(features("@user deep learning"))
    -1
    """
    bare = post.is_reply and not post.links
    return NOT_AI if bare and not post.mentions_ai else ABSTAIN


@labelling_function("ordinary posts")
def ai_in_passing(post: TextFeatures) -> int:
    """Not AI for the acronym dropped in talk: no other subject, hashtag, link or technology word.

    >>> from include.lexicon.text_features import features
    >>> ai_in_passing(features("you sound like a damn AI")), ai_in_passing(features("AI can write code"))
    (0, -1)
    """
    return NOT_AI if post.in_passing else ABSTAIN


@labelling_function("news of the day", broad=True)
def outbreak_news(post: TextFeatures) -> int:
    """Not AI for the epidemic, where no keyword stands.

    >>> from include.lexicon.text_features import features
    >>> outbreak_news(features("lockdown extended")), outbreak_news(features("AI against the virus"))
    (0, -1)
    """
    return NOT_AI if "outbreak" in post.context and not post.mentions_ai else ABSTAIN


@labelling_function("news of the day", broad=True)
def politics(post: TextFeatures) -> int:
    """Not AI for politics, where no keyword stands.

    >>> from include.lexicon.text_features import features
    >>> politics(features("the president speaks")), politics(features("the president on Big Data"))
    (0, -1)
    """
    return NOT_AI if "politics" in post.context and not post.mentions_ai else ABSTAIN
