"""What a person may do at the tagger."""

from __future__ import annotations

from enum import StrEnum

from include.errors import UserError
from include.settings import Settings


class Role(StrEnum):
    """A tagger labels; an adjudicator also decides what taggers disagree on."""

    TAGGER = "tagger"
    ADJUDICATOR = "adjudicator"


class NotAdjudicator(UserError, PermissionError):
    """A tagger asked for what only an adjudicator may see."""


def role_of(annotator: str, settings: Settings) -> Role:
    """The role that the setting ``adjudicators`` gives a name or an e-mail address, whatever its case.

    >>> role_of("Ann@example.org", Settings(adjudicators="bob, ann@example.org"))
    <Role.ADJUDICATOR: 'adjudicator'>
    >>> role_of("", Settings(adjudicators=""))
    <Role.TAGGER: 'tagger'>
    """
    named = {name.strip().casefold() for name in settings.adjudicators.split(",")} - {""}
    return Role.ADJUDICATOR if annotator.strip().casefold() in named else Role.TAGGER


def require_adjudicator(annotator: str, settings: Settings) -> None:
    """Stop anybody else.

    Raises:
        NotAdjudicator: it names the setting.
    """
    if role_of(annotator, settings) is not Role.ADJUDICATOR:
        raise NotAdjudicator(
            f"{annotator!r} is no adjudicator: add the name to TWEETSIEVE_ADJUDICATORS and restart the tagger"
        )
