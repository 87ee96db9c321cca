"""The normalised text that copies of a post share, its hash, and its words."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from include.text.characters import INVISIBLE, char_class
from include.text.letters import letters, plain
from include.text.words import HANDLE, LINK

_RETWEET = re.compile(r"\s*RT\s+@\w+\s*:?\s*", re.IGNORECASE)
_HANDLE = re.compile(HANDLE)
_CUT_SCHEME = re.compile(r"\bht?t?p?s?(?::|$)")
_GAP = re.compile(r"[\s…]")
_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TOKEN = re.compile(f"[{_UNSPACED}]|[^\\s{_UNSPACED}]+")


def _is_noise(character: str) -> bool:
    """Punctuation, separators, controls, modifiers and non-emoji symbols."""
    category = unicodedata.category(character)
    return category[0] in "PZC" or category in ("Sk", "Sm", "Sc")


_FIRST, _SECOND = (char_class(_is_noise, (codes,)) for codes in (range(0x10000), range(0x10000, 0x20000)))
_NOISE = re.compile(f"(?:[{_FIRST}{INVISIBLE}]++|(?=[\U00010000-\U0001ffff])[{_SECOND}]++)++")
_ASCII_NOISE = re.compile("[^a-z0-9]+")


def normalise(text: str) -> str:
    """The text without ``RT @user:``, URLs, handles, case and punctuation.

    Emoji stay, and the word of a hashtag. A text of which nothing would be left is only stripped of spaces,
    so that two posts that consist of different links do not become one.

    >>> normalise("RT @user: Deep  Learning, explained! #AI https://t.co/abcdefghij")
    'deep learning explained ai'
    >>> normalise("@user https://t.co/abcdefghij")
    '@user https://t.co/abcdefghij'
    """
    kept, start = plain(_without_cut_url(text)), 0
    while match := _RETWEET.match(kept, start):
        start = match.end()
    kept = kept[start:]
    if "://" in kept:
        kept = LINK.sub(" ", kept)
    kept = _HANDLE.sub(" ", kept.casefold()) if "@" in kept else kept.casefold()
    kept = (_ASCII_NOISE if kept.isascii() else _NOISE).sub(" ", kept).strip()
    return kept or " ".join(letters(text).split())


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


def _without_cut_url(text: str) -> str:
    """The text without a link at its end that was cut off with it, such as ``htt…``."""
    whole = text.rstrip()
    if not whole.endswith("…"):
        return text
    word = _GAP.split(whole[:-1])[-1]
    cut = _CUT_SCHEME.search(word)
    return whole[: len(whole) - 1 - len(word) + cut.start()] if cut else text
