"""Where a host name ends in running text."""

from __future__ import annotations

import re
import unicodedata

from include.text.characters import FIRST, char_class, one_or_more

_MOST = 300
"""The longest host name has 253 characters; what is longer is none."""

_ipv6 = re.compile(r"\[[0-9A-Fa-f:.]{2,45}\]").match
_ascii = re.compile(r"[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)*+(?:\.(?=/))?").match

_LETTERS = one_or_more("-A-Za-z0-9_")
_SIGNS = (
    f"[{char_class(lambda one: unicodedata.category(one) == 'So', FIRST)}\U0001f000-\U0001faff\ufe0f\u200d]++"
)
_DOTS = ".。．｡"
"""All are dots to a browser (UTS #46); of a sentence the last three also are full stops."""

_piece = re.compile(f"(?P<letters>{_LETTERS})|(?P<signs>{_SIGNS})|(?P<dot>[{_DOTS}])(?=[^{_DOTS}])").match
_dot_follows = re.compile(f"(?:{_LETTERS}|{_SIGNS})*+[.](?=[^\\W_])").match
_is_whole = re.compile(rf".*[{_DOTS}](?:[A-Za-z]{{2,}}(?![A-Za-z0-9_-])|[^\0-\x7f]{{2,}}$)", re.DOTALL).match
_last_label = re.compile(rf".*[{_DOTS}][A-Za-z]{{2,}}(?=[^\0-\x7f{_DOTS}][^{_DOTS}]*$)", re.DOTALL).match


def host_end(text: str, start: int) -> int | None:
    """Where the host ends that starts at a place of a text, without a hyphen at its end; None if none starts.

    >>> [text[: host_end(text, 0)] for text in ("a.example)", "a.exampleを見て", "i❤.example🔥", "[::1]:80")]
    ['a.example', 'a.example', 'i❤.example', '[::1]']
    """
    if address := _ipv6(text, start):
        return address.end()
    name = _ascii(text, start)
    end = name.end() if name else start
    if not text[end : end + 1].isascii():
        end = _end_in_any_script(text, start)
    if not text.startswith("./", end - 1):
        end = start + len(text[start:end].rstrip("-_" + _DOTS))
    return end if end > start else None


def _end_in_any_script(text: str, start: int) -> int:
    """An emoji, or a full stop of Chinese or Japanese, ends a host that is whole without it, and no label of
    Latin letters ends in others: those are the sentence's."""
    place = start
    while place - start < _MOST and (piece := _piece(text, place)):
        if piece.lastgroup == "dot" and place == start:
            return start
        sign = piece.lastgroup == "signs" or piece.group() in _DOTS[1:]
        if sign and _is_whole(text[start:place]):
            break
        if piece.lastgroup == "signs" and not _dot_follows(text, piece.end(), piece.end() + 64):
            break
        place = piece.end()
    name = text[start:place].rstrip(_DOTS)
    if mixed := _last_label(name):
        return start + mixed.end()
    rooted = place == start + len(name) + 1 and text.startswith("./", place - 1)
    return place if rooted else start + len(name)
