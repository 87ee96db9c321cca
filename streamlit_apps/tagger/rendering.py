"""Posts and suggestions as HTML, in which all text from outside is escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from urllib.parse import quote, urlsplit

from include.annotation.queues.item import Item
from include.annotation.suggestion import Suggestion
from include.labelling.functions import LABELLING_FUNCTIONS
from streamlit_apps.hostile_text import as_html, as_text
from streamlit_apps.tagger.highlight import pieces

LONGEST_SHOWN = 5_000
"""Characters of a post that are shown; the page says how many more there are."""

MOST_LINKS = 8
MOST_KEYWORDS = 20

_ABOUT = {function.name: function.about for function in LABELLING_FUNCTIONS}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_VERDICTS: dict[int | str, tuple[str, str]] = {1: ("ai", "AI"), 0: ("not", "not AI")}


def post_html(text: str, keywords: Sequence[str] = (), scope: str = "", lang: str | None = None) -> str:
    """A post's text, its keywords marked; ``scope`` names the item for whoever inspects the page.

    >>> post_html("<b> #AI", ["ai"]).partition(">")[2]
    '&lt;b&gt; #<mark>AI</mark></div>'
    """
    marked = "".join(
        f"<mark>{as_html(part)}</mark>" if is_keyword else as_html(part)
        for part, is_keyword in pieces(text[:LONGEST_SHOWN], keywords)
    )
    spoken = f' lang="{lang}"' if lang and _LANGUAGE.fullmatch(lang) else ""
    return (
        f'<div class="ts-post" dir="auto" data-item="{escape(scope)}"{spoken}'
        f' role="region" aria-label="Post" aria-live="polite" tabindex="0">{marked}</div>'
    )


def marks_html(item: Item) -> str:
    """Language, whether it is a retweet, the keywords in the text, and how much of it is not shown."""
    marks = [f"language: {(item.lang or 'unknown')[:20]}"] + (["retweet"] if item.is_retweet else [])
    more = len(item.keywords) - MOST_KEYWORDS
    keywords = ", ".join(item.keywords[:MOST_KEYWORDS]) + (f" and {more} more" if more > 0 else "")
    marks += [f"keywords: {keywords or 'none'}"]
    hidden = len(item.text) - LONGEST_SHOWN
    marks += [f"the last {hidden:,} characters are not shown"] if hidden > 0 else []
    return f'<div class="ts-marks">{escape(" · ".join(marks))}</div>'


def chips_html(beside: Suggestion) -> str:
    """Scores, the functions' votes, and for an adjudicator the annotators'; each says for what it stands."""
    chips = [_score("weak label", beside.weak_probability)] if beside.weak_probability is not None else []
    if beside.model_probability is not None:
        chips.append(_score(f"model {beside.model_version}", beside.model_probability))
    for who, label in beside.labels.items():
        kind, verdict = _VERDICTS.get(label, ("by", str(label)))
        chips.append(_chip(kind, f"{who}: {verdict}", "label of a person"))
    chips += [_chip("ai", f"AI: {name}", _ABOUT.get(name, "")) for name in beside.for_ai]
    chips += [_chip("not", f"not AI: {name}", _ABOUT.get(name, "")) for name in beside.against]
    return f'<div class="ts-chips">{"".join(chips) or "no labelling function votes"}</div>'


def _score(name: str, probability: float) -> str:
    return _chip("ai" if probability > 0.5 else "not", f"{name} {probability:.2f}", "probability of AI")


def _chip(kind: str, text: str, about: str) -> str:
    return f'<span class="ts-chip {kind}" title="{escape(about)}">{escape(text)}</span>'


def openable(links: Sequence[str], most: int = MOST_LINKS) -> tuple[list[tuple[str, str]], int]:
    """The first links that a browser may open, each with a label in which Markdown characters are escaped.

    And how many more there are.

    >>> openable(["https://example.org/a_b?q=1", "javascript:alert(1)", "http://[x", "http://b"], 1)
    ([('example.org/a\\\\_b?q=1', 'https://example.org/a_b?q=1')], 1)
    """
    opening = [link for link in dict.fromkeys(links) if _opens(link)]
    return [(_link_name(link), link) for link in opening[:most]], max(0, len(opening) - most)


def _opens(link: str) -> bool:
    try:
        parts = urlsplit(link)
        return parts.scheme in ("http", "https") and bool(parts.netloc)
    except ValueError:  # an address such as http://[x
        return False


def _link_name(link: str) -> str:
    parts = urlsplit(link)
    name = f"{parts.netloc}{parts.path}" + (f"?{parts.query}" if parts.query else "")
    seen = "".join(char if char.isprintable() else quote(char) for char in name[:80])
    return as_text(seen if len(name) <= 80 else f"{seen[:79]}…")
