"""Where links begin and end in running text, in linear time.

A link is read by the grammar of URLs (RFC 3986 and 3987, WHATWG URL standard): scheme, host, port, rest. It
ends before the first character that no URL may hold. Beyond ASCII only letters, marks and digits may:
people write those in paths, but other signs, emoji and invisible characters belong to the sentence. So does
a bracket without its other half, and punctuation at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from include.text.characters import WORD_CLASS, one_or_more
from include.text.hosts import host_end

_scheme = re.compile("https?://", re.IGNORECASE).search
_user = re.compile("[A-Za-z0-9._~!$&'()*+,;=:%-]{1,100}@").match
_port = re.compile(r":([0-9]{1,5})(?![0-9])").match

# A t.co code has ten characters; what directly follows them is text again (exports drop newlines).
# With fewer and an ellipsis it is the rest of a truncated text and leads nowhere.
_short = re.compile(
    r"t\.co/(?:[A-Za-z0-9]{10}|[A-Za-z0-9]{1,9}(?![A-Za-z0-9…]|\.\.\.))(?!…|\.\.\.$)", re.IGNORECASE
).match
_is_shortener = re.compile(r"t\.co(?![\w.:-])", re.IGNORECASE).match

_ASCII = r"-A-Za-z0-9._~:/?#@!$&*+,;=%"
# What stands between two letters of one word in Tibetan, Hebrew, Persian and Japanese, and in Catalan.
_BETWEEN = "\u05be\u05f3\u05f4\u0f0b\u200c\u200d\u30fb"
_AFTER, _BEFORE = f"(?<=[^\\0-\\x7f])(?<=[{WORD_CLASS}])", f"(?=[^\\0-\\x7f])(?=[{WORD_CLASS}])"
_plain = re.compile(f"[{_ASCII}]++").match
_plain_in_any_script = re.compile(
    one_or_more(_ASCII, f"{_AFTER}[{_BETWEEN}]{_BEFORE}", "(?<=[lL])\u00b7(?=[lL])")
).match
_TRAILING = ".,;:!?'*_~&"
_OPENING = {")": "(", "]": "["}
_CLOSING = {"(": ")", "[": "]"}


def urls_in(text: str) -> list[str]:
    """The URLs in a text, without punctuation at their end and without truncated ones.

    >>> urls_in("see https://t.co/abcdefghijNext (http://a.example/b_(c)), “http://d.example/e”; http://f.ex…")
    ['https://t.co/abcdefghij', 'http://a.example/b_(c)', 'http://d.example/e']
    """
    return [text[start:end] for start, end in url_spans(text)] if "://" in text else []


def without_urls(text: str) -> str:
    """The text with a space in place of each URL.

    >>> without_urls("see http://a.example/b.")
    'see  .'
    """
    parts, place = [], 0
    for start, end in url_spans(text):
        parts.append(text[place:start])
        place = end
    return " ".join([*parts, text[place:]])


def url_spans(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each URL in a text, in order."""
    rest, place = _Rest(text), 0
    while found := _scheme(text, place):
        start, place = found.span()
        if short := _short(text, place):
            place = short.end()
            yield start, place
        elif not _is_shortener(text, place) and (host := _authority_end(text, place)):
            place = rest.end(host, quoted=text.startswith("'", start - 1) if start else False)
            if text.startswith("…", place):
                continue
            place = start + len(text[start:place].rstrip(_TRAILING))
            yield start, place


def _authority_end(text: str, start: int) -> int | None:
    """Where user, host and port end that start here; None where there is no host."""
    user = _user(text, start)
    end = host_end(text, user.end()) if user else None
    if end is None or user is None or "." not in text[user.end() : end]:
        end = host_end(text, start)
    if end and (port := _port(text, end)) and int(port.group(1)) < 2**16:
        return port.end()
    return end


class _Rest:
    """Finds where paths, queries and fragments end. Each character is looked at a fixed number of times."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._plain = _plain if text.isascii() else _plain_in_any_script
        self._closed: frozenset[int] | None = None

    def end(self, place: int, *, quoted: bool) -> int:
        """Where the rest ends that starts behind a host and port; ``quoted``: at an apostrophe, too."""
        if not self._text.startswith(("/", "?", "#"), place):
            return place
        opened: list[int] = []
        while True:
            if plain := self._plain(self._text, place):
                place = plain.end()
            sign = self._text[place : place + 1]
            if sign in _CLOSING and place in self._pairs():
                opened.append(place)
            elif sign in _OPENING and opened:
                opened.pop()
            elif sign == "'" and quoted:
                return opened[0] if opened else place
            elif sign != "'":
                return place
            place += 1

    def _pairs(self) -> frozenset[int]:
        """The places of the opening brackets that are closed before anything that ends a URL."""
        if self._closed is None:
            self._closed = frozenset(self._find_pairs())
        return self._closed

    def _find_pairs(self) -> Iterator[int]:
        text, place, opened = self._text, 0, list[int]()
        while place < len(text):
            if plain := self._plain(text, place):
                place = plain.end()
                continue
            sign = text[place]
            if sign in _CLOSING:
                opened.append(place)
            elif sign in _OPENING and opened and text[opened[-1]] == _OPENING[sign]:
                yield opened.pop()
            elif sign != "'":
                opened.clear()
            place += 1
