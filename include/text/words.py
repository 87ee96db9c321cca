"""Hashtags and handles in a text, in every script."""

from __future__ import annotations

import re

from include.text.characters import INVISIBLE, TAGS, WORD, WORD_CLASS
from include.text.urls import without_urls

_NUMBER = r"[\d_]*+"
"""A hashtag is more than a number, as X has it."""

TAG = f"#(?P<tag>(?!{_NUMBER}(?![{WORD_CLASS}])){WORD})"
"""A hashtag in plain letters (:func:`include.text.letters.plain`); its group ``tag`` is its word.

It is UAX #31's hashtag (UAX31-D2), of word characters (XID_Continue). That none may directly precede it is
asked only of what is stored as a hashtag: rules also read texts of exports, which dropped the line ends
between words.
"""

HANDLE = rf"(?<![\w.])@{WORD}(?:\.(?:[.-]*{WORD})+)?"
"""A handle in plain letters: X's, or Bluesky's with its dots."""

LINK = re.compile(r"https?://\S+", re.IGNORECASE)
"""A link in plain letters, where spaces stand around it."""

_HASHTAG = re.compile(TAG)
_ASCII_AS_POSTED = re.compile(rf"#(?<![\w&/]#)((?!{_NUMBER}(?!\w))\w+)", re.ASCII)
_AS_POSTED = re.compile(
    f"[#＃﹟](?<![{WORD_CLASS}&/][#＃﹟])((?!{_NUMBER}(?![{WORD_CLASS}])){WORD}(?:[{INVISIBLE}{TAGS}]++{WORD})*+)"
)
_NEITHER_JOINER = re.compile(f"[{INVISIBLE.replace(chr(0x200C) + '-', chr(0x200E) + '-')}{TAGS}]")


def hashtags(text: str) -> list[str]:
    """The hashtags of a text in plain letters, without ``#``, in order.

    >>> hashtags("#AI, said#हिन्दी #1 # C# #2nd https://a.example/#b")
    ['AI', 'हिन्दी', '2nd']
    """
    if "#" not in text:
        return []
    return _HASHTAG.findall(LINK.sub(" ", text) if "://" in text else text)


def hashtags_as_posted(text: str) -> list[str]:
    """The hashtags of a text as it was posted, in its letters; of what is invisible only joiners of letters
    stay.

    >>> hashtags_as_posted("＃ＡＩ #العَرَبِيَّة #café a#b &#39; #123")
    ['ＡＩ', 'العَرَبِيَّة', 'café']
    """
    if "#" not in text and (text.isascii() or ("＃" not in text and "﹟" not in text)):
        return []
    if "://" in text:
        text = without_urls(text)
    if text.isascii():
        return _ASCII_AS_POSTED.findall(text)
    return [_NEITHER_JOINER.sub("", tag) for tag in _AS_POSTED.findall(text)]
