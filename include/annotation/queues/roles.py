"""Who may label which queue: taggers and adjudicators."""

from __future__ import annotations

from enum import StrEnum

from include.errors import UserError
from include.settings import Settings


class Role(StrEnum):
    """A tagger labels; an adjudicator also decides what taggers disagree on."""

    TAGGER = "tagger"
    ADJUDICATOR = "adjudicator"


class NotAdjudicator(UserError, PermissionError):
    """A tagger asked for the queue of adjudicators."""


def role_of(annotator: str, settings: Settings) -> Role:
    """The role that the setting ``adjudicators`` gives a name or an e-mail address; case is ignored.

    >>> role_of("Ann@example.org", Settings(adjudicators="bob, ann@example.org"))
    <Role.ADJUDICATOR: 'adjudicator'>
    >>> role_of("", Settings(adjudicators=""))
    <Role.TAGGER: 'tagger'>
    """
    named = {name.strip().casefold() for name in settings.adjudicators.split(",")} - {""}
    return Role.ADJUDICATOR if annotator.strip().casefold() in named else Role.TAGGER


def require_adjudicator(annotator: str, settings: Settings) -> None:
    """Refuse anybody who is no adjudicator.

    Raises:
        NotAdjudicator: the message names the setting.
    """
    if role_of(annotator, settings) is not Role.ADJUDICATOR:
        raise NotAdjudicator(
            f"{annotator!r} is no adjudicator: add the name to TWEETSIEVE_ADJUDICATORS and restart the tagger"
        )
