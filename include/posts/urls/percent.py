"""One spelling for the characters of paths, queries and fragments."""

from __future__ import annotations

import re

from include.text.characters import is_word

_is_normal = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]*").fullmatch
_ENCODED = re.compile("(?:%[0-9A-Fa-f]{2})+")
_KEPT = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
"""RFC 3986's unreserved characters: encoded or not, they are the same."""
_NOT_KEPT = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]")
_BARE = re.compile("%(?![0-9A-Fa-f]{2})")


def normalised(part: str) -> str:
    """The part with everything encoded that has to be, and nothing that has not (RFC 3986, 6.2.2).

    Letters, marks and digits of other scripts stay or become readable, as browsers show them; everything else
    beyond ASCII is encoded, so that nothing invisible is in a link.

    >>> normalised("/%7euser/stra%c3%9Fe/a|b%2fc%"), normalised("🔥")
    ('/~user/straße/a%7Cb%2Fc%25', '%F0%9F%94%A5')
    """
    if _is_normal(part):
        return part
    if "%" in part:
        part = _ENCODED.sub(_decoded, _BARE.sub("%25", part))
    return _NOT_KEPT.sub(_encoded, part)


def _decoded(match: re.Match[str]) -> str:
    """A run of encoded octets, with those decoded that need not be encoded."""
    octets = bytes.fromhex(match.group().replace("%", ""))
    parts: list[str] = []
    for character in octets.decode("utf-8", "surrogateescape"):
        if character.isascii():
            parts.append(character if ord(character) in _KEPT else f"%{ord(character):02X}")
        elif "\udc80" <= character <= "\udcff":
            parts.append(f"%{ord(character) - 0xDC00:02X}")
        else:
            parts.append(character)
    return "".join(parts)


def _encoded(match: re.Match[str]) -> str:
    character = match.group()
    if not character.isascii() and is_word(character):
        return character
    return "".join(f"%{octet:02X}" for octet in character.encode("utf-8", "replace"))


def without_dots(path: str) -> str:
    """The path without ``.`` and ``..`` (RFC 3986, 5.2.4).

    >>> without_dots("/a/./b/../c/.."), without_dots("/../a")
    ('/a/', '/a')
    """
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept)
