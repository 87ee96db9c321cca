"""Reading fields of untrusted payloads: a value of a wrong type counts as absent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from include.posts.post import PostError
from include.posts.values.ids import is_mangled, plain_id
from include.text.letters import folded
from include.text.words import hashtags_as_posted

MAX_ID = 200
MAX_TEXT = 100_000
MAX_SHORT = 200
MAX_ACCOUNT = 32

_SURROGATE = re.compile("[\ud800-\udfff]")
_TAGS = re.compile(r"<[^<>]*>")


def clean(text: str) -> str:
    """Drop U+0000, which Postgres refuses, and replace lone surrogates, which UTF-8 refuses.

    >>> clean("a" + chr(0) + "b" + chr(0xD800))
    'ab�'
    """
    return _SURROGATE.sub("\ufffd", text.replace("\x00", ""))


def string(value: object) -> str | None:
    """The value if it is a string that holds more than whitespace."""
    return value if isinstance(value, str) and value and not value.isspace() else None


def short(value: object) -> str | None:
    """A string of a plausible length for a name or a language."""
    return value if isinstance(value, str) and 0 < len(value) <= MAX_SHORT else None


def mapping(value: object) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: object) -> Iterator[dict[str, Any]]:
    """The objects of a list; nothing where it is no list."""
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                yield item


def identifier(*values: object) -> str:
    """The first usable id among the values: a string, or an integer as some exports have it.

    The guard of a spreadsheet is taken off; an id that has lost digits is none: see
    :mod:`include.posts.values.ids`.

    Raises:
        PostError: ``no id``, also for a float; ``bad id`` for one that is unreasonably long, or was rounded.
    """
    for value in values:
        if isinstance(value, float):
            break
        if not (usable := plain_id(value)):
            continue
        if len(usable) > MAX_ID or (not usable.isdecimal() and is_mangled(usable)):
            raise PostError("bad id")
        return usable
    raise PostError("no id")


def account(value: object) -> str | None:
    """An id of X's in digits, as a string; of a number nobody knows whether it lost some.

    >>> account("12"), account(12), account("1e5"), account("")
    ('12', None, None, None)
    """
    plain = isinstance(value, str) and len(value) <= MAX_ACCOUNT and value.isascii() and value.isdecimal()
    return value if plain and isinstance(value, str) else None


def text_of(*values: object) -> str:
    """The first string among the values that is not blank.

    Raises:
        PostError: ``no text``, or ``too large``.
    """
    for value in values:
        if (text := string(value)) and text.strip("\x00 \t\r\n"):
            if len(text) > MAX_TEXT:
                raise PostError("too large")
            return text
    raise PostError("no text")


def unescape(text: str) -> str:
    """Undo the three escapes X applies to a text.

    >>> unescape("AT&amp;T &lt;3")
    'AT&T <3'
    """
    if "&" not in text:
        return text
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def client_name(value: object) -> str | None:
    """The name of the client in v1.1's ``source``, an HTML link.

    >>> client_name('<a href="https://mobile.twitter.com">Twitter Web App</a>')
    'Twitter Web App'
    """
    if not isinstance(value, str) or len(value) > 10 * MAX_SHORT:
        return None
    return short(_TAGS.sub("", value).strip() if "<" in value else value)


def unique_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Each hashtag once whatever its letters and case, as first written."""
    seen: dict[str, str] = {}
    for tag in tags:
        if len(tag) <= MAX_SHORT:
            seen.setdefault(folded(tag), tag)
    return tuple(seen.values())


def tags_in(text: str) -> list[str]:
    """The hashtags in a text, for payloads that do not list them.

    >>> tags_in("#AI for &#39;all&#39; #データ #AI #1")
    ['AI', 'データ', 'AI']
    """
    return hashtags_as_posted(text)
