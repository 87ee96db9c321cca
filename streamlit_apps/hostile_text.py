"""Text from outside on a page: shown as it stands, never as markup."""

from __future__ import annotations

import re
import unicodedata
from html import escape

_TURNS = re.compile("[\u202a-\u202e]")


def as_html(text: str) -> str:
    """Text as HTML. What overrides the direction of writing is shown, not obeyed.

    With it a text reads otherwise than its characters, which the model sees, stand. Isolates and marks,
    which right-to-left scripts need, are left alone.

    >>> as_html("\u202egnp")
    '<span class="ts-turned" title="a character that turns text around">RLO</span>gnp'
    """
    return _TURNS.sub(
        lambda found: (
            '<span class="ts-turned" title="a character that turns text around">'
            f"{unicodedata.bidirectional(found[0])}</span>"
        ),
        escape(text),
    )


def as_text(text: str) -> str:
    """Text for an element that reads Markdown, which shows it as it stands.

    >>> as_text("post **1** :red[x]")
    'post \\\\*\\\\*1\\\\*\\\\* \\\\:red\\\\[x\\\\]'
    """
    return "".join(f"\\{char}" if char in r"\`*_{}[]()#+-!|~>$:<" else char for char in text)
