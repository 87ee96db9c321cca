"""Posts and suggestions as HTML, in which all text from outside is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

from include.annotation.queues.item import Item
from include.annotation.suggestion import Suggestion
from include.labelling.functions import LABELLING_FUNCTIONS
from streamlit_apps.tagger.highlight import pieces

STYLE = """
<style>
.ts-post { font-size: 1.45rem; line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere;
           min-height: 9rem; padding: .25rem 0; }
.ts-post mark { background: rgba(255, 196, 0, .35); color: inherit; border-radius: .25rem; padding: 0 .1em; }
.ts-marks { opacity: .7; font-size: .9rem; }
.ts-chips { display: flex; flex-wrap: wrap; gap: .35rem; }
.ts-chip { font-size: .85rem; border-radius: 1rem; padding: .1rem .65rem; border: 1px solid; }
.ts-chip.ai { background: rgba(33, 195, 84, .14); border-color: rgba(33, 195, 84, .55); }
.ts-chip.not { background: rgba(255, 75, 75, .12); border-color: rgba(255, 75, 75, .5); }
.ts-chip.by { background: rgba(28, 131, 225, .12); border-color: rgba(28, 131, 225, .5); }
</style>
"""
_ABOUT = {function.name: function.about for function in LABELLING_FUNCTIONS}
_VERDICTS: dict[int | str, tuple[str, str]] = {1: ("ai", "AI"), 0: ("not", "not AI")}


def post_html(text: str, keywords: Sequence[str] = (), scope: str = "") -> str:
    """A post's text, its keywords marked; ``scope`` names the item for whoever inspects the page.

    >>> post_html("<b> #AI", ["ai"])
    '<div class="ts-post" dir="auto" data-item="">&lt;b&gt; #<mark>AI</mark></div>'
    """
    marked = "".join(
        f"<mark>{escape(part)}</mark>" if is_keyword else escape(part)
        for part, is_keyword in pieces(text, keywords)
    )
    return f'<div class="ts-post" dir="auto" data-item="{escape(scope)}">{marked}</div>'


def marks_html(item: Item) -> str:
    """Language, whether it is a retweet, and the keywords in the text."""
    marks = [f"language: {item.lang or 'unknown'}"] + (["retweet"] if item.is_retweet else [])
    marks += ["keywords: " + (", ".join(item.keywords) or "none")]
    return f'<div class="ts-marks">{escape(" · ".join(marks))}</div>'


def chips_html(beside: Suggestion) -> str:
    """Scores, the functions' votes, and for an adjudicator the annotators': green for AI, red for not AI."""
    chips = [_score("weak label", beside.weak_probability)] if beside.weak_probability is not None else []
    if beside.model_probability is not None:
        chips.append(_score(f"model {beside.model_version}", beside.model_probability))
    for who, label in beside.labels.items():
        kind, verdict = _VERDICTS.get(label, ("by", str(label)))
        chips.append(_chip(kind, f"{who}: {verdict}", "label of a person"))
    chips += [_chip("ai", name, _ABOUT.get(name, "")) for name in beside.for_ai]
    chips += [_chip("not", name, _ABOUT.get(name, "")) for name in beside.against]
    return f'<div class="ts-chips">{"".join(chips) or "no labelling function votes"}</div>'


def _score(name: str, probability: float) -> str:
    return _chip("ai" if probability > 0.5 else "not", f"{name} {probability:.2f}", "probability of AI")


def _chip(kind: str, text: str, about: str) -> str:
    return f'<span class="ts-chip {kind}" title="{escape(about)}">{escape(text)}</span>'


def openable(links: Sequence[str]) -> list[tuple[str, str]]:
    """Links that a browser may open, each with a label in which Markdown characters are escaped.

    >>> openable(["https://example.org/a_b?q=1", "javascript:alert(1)"])
    [('example.org/a\\\\_b?q=1', 'https://example.org/a_b?q=1')]
    """
    found = []
    for link in dict.fromkeys(links):
        if not link.startswith(("https://", "http://")):
            continue
        parts = urlsplit(link)
        name = f"{parts.netloc}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        found.append((_escaped(name if len(name) <= 80 else f"{name[:79]}…"), link))
    return found


def _escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in r"\`*_{}[]()#+-!|~>$:<" else char for char in text)
