"""The normalised text that copies of a post share, its hash, and its words."""

from __future__ import annotations

import hashlib
import re
import sys
import unicodedata
from html import unescape

from include.posts.links import URL

_RETWEET = re.compile(r"\s*RT\s+@\w+\s*:?\s*", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w.])[@＠][\w]+(?:\.[\w.-]*\w)?")
_CUT_URL = re.compile(r"\bht?t?p?s?(?::[^\s…]*)?…\s*$")  # a text cut off in the middle of its link
_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TOKEN = re.compile(f"[{_UNSPACED}]|[^\\s{_UNSPACED}]+")


def _noise() -> str:
    """A character class of punctuation, separators, controls, modifiers and non-emoji symbols."""
    ranges: list[list[int]] = []
    for code in range(min(sys.maxunicode, 0x1FFFF) + 1):
        category = unicodedata.category(chr(code))
        if category[0] in "PZC" or category in ("Sk", "Sm", "Sc") or 0xFE00 <= code <= 0xFE0F:
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "[" + "".join(f"\\U{a:08x}-\\U{b:08x}" for a, b in ranges) + "]+"


_NOISE = re.compile(_noise())


def normalise(text: str) -> str:
    """The text without ``RT @user:``, URLs, handles, case and punctuation.

    Emoji stay, and the word of a hashtag. A text of which nothing would be left is only stripped of spaces,
    so that two posts that consist of different links do not become one.

    >>> normalise("RT @user: Deep  Learning, explained! #AI https://t.co/abcdefghij")
    'deep learning explained ai'
    >>> normalise("@user https://t.co/abcdefghij")
    '@user https://t.co/abcdefghij'
    """
    if (kept := text).isascii() is False:
        kept = unicodedata.normalize("NFKC", _CUT_URL.sub(" ", text))
    if "&" in kept:
        kept = unescape(kept)
    while match := _RETWEET.match(kept):
        kept = kept[match.end() :]
    if "://" in kept:
        kept = URL.sub(" ", kept)
    kept = _NOISE.sub(" ", _HANDLE.sub(" ", kept.casefold())).strip()
    return kept or " ".join(text.split())


def text_hash(text: str) -> str:
    """The deduplication key: the first 32 hexadecimal digits of SHA-256 of the normalised text.

    >>> text_hash("Hello, world") == text_hash("RT @user: hello world! https://t.co/abcdefghij")
    True
    """
    return hashlib.sha256(normalise(text).encode("utf-8", "replace")).hexdigest()[:32]


def tokens(text: str) -> list[str]:
    """Words of the normalised text; in scripts written without spaces, single characters.

    >>> tokens("Big data: 深い!")
    ['big', 'data', '深', 'い']
    """
    return _TOKEN.findall(normalise(text))
