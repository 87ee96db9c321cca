"""What the page says of a filter, of counts and of a decision."""

from __future__ import annotations

from include.curation.cards import Card
from include.curation.explain import percent
from include.curation.search import MOST_COUNTED
from include.curation.service import Counts
from include.curation.walk import Walk
from streamlit_apps.dashboard.repost.filter_form import SOURCES, STATE_NAMES


def headline(walk: Walk, counts: Counts) -> str:
    """The filter in words, with counts."""
    said = [f"{counted(counts.cards)} {STATE_NAMES[walk.wanted.state]}", SOURCES[walk.wanted.source]]
    if walk.least:
        said.append(f"at least {percent(walk.least)} about AI")
    said += [f"“{walk.wanted.q}”"] if walk.wanted.q else []
    said += [one for one in (walk.wanted.domain, walk.wanted.lang) if one]
    if counts.new is not None:
        said.append(f"{counted(counts.new)} new since your last visit")
    return " · ".join(said)


def counted(count: int) -> str:
    """
    >>> counted(234), counted(1_001)
    ('234', 'over 1,000')
    """
    return f"over {MOST_COUNTED:,}" if count > MOST_COUNTED else f"{count:,}"


def decided(card: Card) -> str:
    """What was decided, by whom, when, and what became of it."""
    when = f"{card.decided_at:%Y-%m-%d %H:%M} UTC" if card.decided_at else ""
    said = f"{STATE_NAMES[card.state].capitalize()} by {card.decided_by or 'somebody'} {when}"
    return f"{said}. {card.outcome.capitalize()}: {card.outcome_says}" if card.outcome else said
