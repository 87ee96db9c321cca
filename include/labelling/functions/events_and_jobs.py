"""On what occasion a subject is named: a job, a course, reading matter, a publication of the field."""

from __future__ import annotations

from include.labelling.functions.registry import labelling_function
from include.lexicon.labels import ABSTAIN, AI
from include.lexicon.text_features import Reading


def _said(post: Reading) -> bool:
    """Whether a sentence, or two hashtags, name a subject."""
    return bool(post.spoken & (post.subjects | {"ai"})) or len(post.tagged_subjects) >= 2


@labelling_function("jobs")
def ai_job(post: Reading) -> int:
    """AI for a job in the field.

    >>> from include.lexicon.text_features import read
    >>> ai_job(read("Hiring a Senior Data Scientist")), ai_job(read("Nurse wanted #jobs #AI"))
    (1, -1)
    """
    spoken = bool(post.spoken & post.subjects) or post.says_ai
    return AI if spoken and "job" in post.context and "crypto" not in post.context else ABSTAIN


@labelling_function("courses")
def ai_course(post: Reading) -> int:
    """AI for a course, tutorial or talk in the field.

    >>> from include.lexicon.text_features import read
    >>> ai_course(read("Udemy: Machine Learning A-Z")), ai_course(read("Learn to knit"))
    (1, -1)
    """
    return AI if _said(post) and "course" in post.context else ABSTAIN


@labelling_function("reading")
def ai_reading(post: Reading) -> int:
    """AI for a paper, book, report or code in the field.

    >>> from include.lexicon.text_features import read
    >>> ai_reading(read("Free book on deep learning")), ai_reading(read("Free book on knitting"))
    (1, -1)
    """
    return AI if _said(post) and "reading" in post.context and "game" not in post.context else ABSTAIN


@labelling_function("publications")
def ai_publication(post: Reading) -> int:
    """AI for publications and institutes of the field, where a keyword stands too.

    >>> from include.lexicon.text_features import read
    >>> ai_publication(read("The death of Big Data - KDnuggets")), ai_publication(read("kdn"))
    (1, -1)
    """
    return AI if post.mentions_ai and "publication" in post.context else ABSTAIN
