"""On what occasion a subject is named: a job, a course, reading matter, a publication of the field."""

from __future__ import annotations

from include.labelling.functions.registry import labelling_function
from include.lexicon.labels import ABSTAIN, AI
from include.lexicon.text_features import TextFeatures


def _said(post: TextFeatures) -> bool:
    """Whether a sentence, or two hashtags, name a subject."""
    return bool(post.spoken & (post.subjects | {"ai"})) or len(post.tagged_subjects) >= 2


@labelling_function("jobs")
def ai_job(post: TextFeatures) -> int:
    """AI for a job in the field.

    >>> from include.lexicon.text_features import features
    >>> ai_job(features("Hiring a Senior Data Scientist")), ai_job(features("Nurse wanted #jobs #AI"))
    (1, -1)
    """
    spoken = bool(post.spoken & post.subjects) or post.says_ai
    return AI if spoken and "job" in post.context and "crypto" not in post.context else ABSTAIN


@labelling_function("courses")
def ai_course(post: TextFeatures) -> int:
    """AI for a course, tutorial or talk in the field.

    >>> from include.lexicon.text_features import features
    >>> ai_course(features("Udemy: Machine Learning A-Z")), ai_course(features("Learn to knit"))
    (1, -1)
    """
    return AI if _said(post) and "course" in post.context else ABSTAIN


@labelling_function("reading")
def ai_reading(post: TextFeatures) -> int:
    """AI for a paper, book, report or code in the field.

    >>> from include.lexicon.text_features import features
    >>> ai_reading(features("Free book on deep learning")), ai_reading(features("Free book on knitting"))
    (1, -1)
    """
    return AI if _said(post) and "reading" in post.context and "game" not in post.context else ABSTAIN


@labelling_function("publications")
def ai_publication(post: TextFeatures) -> int:
    """AI for publications and institutes of the field, where a keyword stands too.

    >>> from include.lexicon.text_features import features
    >>> ai_publication(features("The death of Big Data - KDnuggets")), ai_publication(features("kdn"))
    (1, -1)
    """
    return AI if post.mentions_ai and "publication" in post.context else ABSTAIN
