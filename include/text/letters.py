"""The one form of a text that all rules read, whatever letters it was written in.

The keyword rule, hashtags, labelling functions, deduplication and the classifier compare texts in this
form; what is stored and shown stays as it was posted. The classifier's graph does the same to letters
(:mod:`include.model.features.letters`); tests hold the two together.
"""

from __future__ import annotations

import html
import re
import unicodedata

from include.text.characters import (
    INVISIBLE,
    MARK_CLASS,
    MARK_FIRST,
    SPACING_MARK,
    TAGS,
    WORD_CLASS,
    char_class,
)
from include.text.urls import url_spans

MOST_MARKS = 30
"""A longer run of combining marks is cut: no language has one (UAX #15, stream-safe text format), and
normalisation sorts a run in quadratic time."""

APOSTROPHES = "\u02bc\u2018\u2019\u201b\u2032"
ACUTE = "\u00b4\u0384\u1fbd\u1fbf\u1ffd\u1ffe"
"""Accents that stand alone, and that keyboards put where an apostrophe belongs."""
DASHES = char_class(lambda one: unicodedata.category(one) == "Pd" and one != "-") + "\u2043\u2212"

# Quick, and also finds the emoji and letters of the other planes.
_suspect = re.compile(f"[{MARK_FIRST}\U00010000-\U0010ffff]{{{MOST_MARKS + 1}}}").search
_TOO_MANY = re.compile(f"([{MARK_CLASS}]{{{MOST_MARKS}}})[{MARK_CLASS}]+")
_invisible = re.compile(f"[{INVISIBLE}{TAGS}\u200b]").search
_INSIDE_WORDS = re.compile(f"(?<=[{WORD_CLASS}])[{INVISIBLE}{TAGS}]++(?=[{WORD_CLASS}])")
_INVISIBLE = re.compile(f"[{INVISIBLE}\u200b]")
_ACUTE, _SPACING = re.compile(f"[{ACUTE}]"), re.compile(f"[{SPACING_MARK}]")
_APOSTROPHE, _DASH = re.compile(f"[{APOSTROPHES}]"), re.compile(f"[{DASHES}]")


def plain(text: str) -> str:
    """The text as rules read it: plain letters, entities of HTML undone, each link set off by spaces.

    >>> plain("ＡＩ &amp; 𝗱𝗮𝘁𝗮‑science")
    'AI & data-science'
    >>> plain("(https://a.example/b)！")
    '( https://a.example/b )!'
    """
    if "&" in text:
        text = unescape(text)
    if "://" not in text:
        return letters(text)
    parts, end = [], 0
    for start, stop in url_spans(text):
        parts += [letters(text[end:start]), text[start:stop]]
        end = stop
    return " ".join([*parts, letters(text[end:])]) if parts else letters(text)


def letters(text: str) -> str:
    """The same text in plain letters: compatibility forms composed (NFKC), nothing invisible, one apostrophe
    and one hyphen. Case is kept, as 'AI' is not 'Ai'.

    Invisible characters go from within words, such as the soft hyphen and joiners, and are a space elsewhere.

    >>> letters("#ＡＩ ma\u00adchine\u2011learning \u200ej\u2019ai")
    "#AI machine-learning  j'ai"
    """
    if text.isascii():
        return text
    if _SPACING.search(text):
        text = _SPACING.sub(" ", _ACUTE.sub("'", text))
    text = _composed(text)
    if _invisible(text):
        text = _INVISIBLE.sub(" ", _composed(_INSIDE_WORDS.sub("", text)))
    return _DASH.sub("-", _APOSTROPHE.sub("'", text))


def folded(text: str) -> str:
    """Plain letters without case: equal for two spellings of one word or hashtag.

    >>> folded("STRASSE") == folded("Ｓｔｒａße")
    True
    """
    return letters(text).casefold()


def unescape(text: str) -> str:
    """Undo all entities of HTML. A text with a number that no computer reads stays as it is.

    >>> unescape("AT&amp;T"), unescape("&#" + "9" * 5000 + ";")[:5]
    ('AT&T', '&#999')
    """
    try:
        return html.unescape(text)
    except ValueError:  # more digits than Python converts
        return text


def _composed(text: str) -> str:
    return unicodedata.normalize("NFKC", _TOO_MANY.sub(r"\1", text) if _suspect(text) else text)
