"""Cards as HTML, in which all text from outside is escaped and bounded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote

from include.curation.cards import Card
from include.curation.explain import Reasons, percent, span
from include.curation.walk import Walk
from include.posts.share_pages import permalink
from include.text.direction import without_direction
from streamlit_apps.hostile_text import as_html

LONGEST_SHOWN = 2_000
LONGEST_IN_LIST = 110
LONGEST_NAME = 80
MOST_READ = 2_000
_SHORT = re.compile(r"https?://t\.co/\w+")
STATES = {"open": "", "reposted": "reposted", "hidden": "hidden", "wrong": "to the tagger"}


def card_html(card: Card, scope: str) -> str:
    """The text, then what is known of it; what is not known is left out."""
    text, more = card.text[:LONGEST_SHOWN], len(card.text) - LONGEST_SHOWN
    hidden = f" · the last {more:,} characters are not shown" if more > 0 else ""
    marks = " · ".join(map(as_html, facts(card)))
    return (
        f'<div class="ts-post" dir="auto" data-item="{escape(scope)}" role="region" aria-label="Post"'
        f' aria-live="polite" tabindex="0">{as_html(text)}</div>'
        f'<div class="ts-marks">{marks}{hidden}</div>'
        f'<div class="ts-marks">{links_html(card)}</div>'
    )


def facts(card: Card) -> list[str]:
    """Probability, site, language, account, age, how often it was shared; each where it is known."""
    now = datetime.now(UTC)
    found = [f"{percent(card.probability)} about AI"]
    found += [name[:LONGEST_NAME] for name in (card.domain, card.lang) if name]
    if card.author:
        found.append(f"account {card.author[:LONGEST_NAME]}")
    if card.written_at:
        found.append(f"written {span(now - card.written_at)} ago")
    return [*found, shared(card, now)]


def shared(card: Card, now: datetime) -> str:
    """How often, and since when."""
    posts, on_ai = card.link_posts or card.posts, card.link_ai_posts if card.link_posts else card.ai_posts
    ago = span(now - card.first_seen)
    if posts == 1:
        return f"shared once, {ago} ago"
    return f"shared {posts:,} times ({on_ai:,} about AI), first {ago} ago"


def links_html(card: Card) -> str:
    """The link by its name, and the post where its platform shows it."""
    found = [_anchor(card.link, link_name(card.link))]
    if page := permalink(card.post_id):
        found.append(_anchor(page, "the post"))
    return " · ".join(found)


def link_name(link: str) -> str:
    """A link as people read it.

    >>> link_name("https://a.example/b?c=1"), link_name("https://a.example/" + "x" * 99)[-2:]
    ('a.example/b?c=1', 'x…')
    """
    name = without_direction(link[:MOST_READ]).partition("://")[2] or link
    seen = "".join(char if char.isprintable() else quote(char) for char in name[:LONGEST_NAME])
    return seen if len(name) <= LONGEST_NAME else f"{seen[: LONGEST_NAME - 1]}…"


def _anchor(address: str, name: str) -> str:
    if not address.startswith(("https://", "http://")):
        return as_html(name)
    return (
        f'<a href="{escape(without_direction(address))}" target="_blank" rel="noopener noreferrer">'
        f"{as_html(name)}</a>"
    )


def why(found: Reasons, card: Card, half_life: float, days: float) -> str:
    """The rank and its factors in a sentence."""
    age = f"{found.recency:.2f} for its age ({span(found.age)}; it halves every {half_life:g} h)"
    said = f"Rank {found.rank:.2f} = {found.probability:.2f} about AI × {age}"
    if not found.reposts:
        return said
    times = "once" if found.reposts == 1 else f"{found.reposts} times"
    site = f"{found.novelty:.2f} as {card.domain} was reposted {times} in {days:g} days"
    return f"{said} × {site}"


def list_html(cards: Sequence[Card], walk: Walk) -> str:
    """The page's cards, a line each, with the one that is looked at marked."""
    rows = "".join(_row(card, card.card == walk.card) for card in cards)
    return f'<ol class="ts-cards" start="{walk.first}">{rows}</ol>'


def _row(card: Card, now: bool) -> str:
    text = " ".join(_SHORT.sub("", card.text).split())
    shown = text[:LONGEST_IN_LIST] + ("…" if len(text) > LONGEST_IN_LIST else "")
    state = STATES[card.state]
    mark = f'<span class="ts-chip by">{state}</span> ' if state else ""
    site = f'<span class="ts-site">{as_html(card.domain[:LONGEST_NAME])}</span> ' if card.domain else ""
    here = ' class="now" aria-current="true"' if now else ""
    return (
        f'<li{here} data-card="{card.card}">{mark}<b>{percent(card.probability)}</b> {site}'
        f'<bdi dir="auto">{as_html(shown)}</bdi></li>'
    )
