"""Characters that turn the direction of writing, with which a link can look like another one."""

from __future__ import annotations

import re
from urllib.parse import quote

DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Unicode's Bidi_Control, as the inside of a character class."""

_TURNS = re.compile(f"[{DIRECTION}]")


def without_direction(text: str) -> str:
    r"""A link with such characters encoded, as its canonical form has them; any other text as it is.

    Links are stored in canonical form, which holds none; an earlier release may have stored others.

    >>> without_direction("https://a.example/\u202egpj.exe"), without_direction("\u202eabc") == "\u202eabc"
    ('https://a.example/%E2%80%AEgpj.exe', True)
    """
    if text.isascii() or "://" not in text:
        return text
    return _TURNS.sub(lambda found: quote(found.group()), text)
