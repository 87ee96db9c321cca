"""Finding the texts of posts in lines that quote them, such as a log's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

WINDOW = 24
"""Letters and digits by which a text is known from its beginning."""
SHORTEST = 12
"""A text with fewer is found by its post's id only: such words are anybody's."""

_NO_LETTER = re.compile(r"[\W_]+")
_ID = re.compile(r"(?<![0-9])[0-9]{10,25}(?![0-9])|at://did:[^\s\"'\\,)]+")
"""Ids as they stand in a log; a shorter number may be anything."""


def letters(text: str) -> str:
    """A text's letters and digits, in lower case: quoting and cutting lines leave them as they are.

    >>> letters("Deep  Learning,\\n explained!")
    'deeplearningexplained'
    """
    return _NO_LETTER.sub("", text).casefold()


class Quotes:
    """Knows lines that quote one of some texts from its beginning, or name one of some ids."""

    def __init__(self, ids: Iterable[str], texts: Iterable[str]) -> None:
        self._ids = frozenset(ids)
        known = {letters(text) for text in texts}
        self._begins = {text[:WINDOW] for text in known if len(text) >= WINDOW}
        self._short = {text for text in known if SHORTEST <= len(text) < WINDOW}

    def __bool__(self) -> bool:
        return bool(self._ids or self._begins or self._short)

    def within(self, line: str) -> bool:
        """Whether the line quotes a text, also as JSON has it, or names an id.

        >>> quotes = Quotes(["1240291123456789123"], ["Grüße aus der Welt der Netze und Daten"])
        >>> quotes.within("post 1240291123456789123 refused"), quotes.within("Welt der Netze")
        (True, False)
        >>> quotes.within('{"event": "Gr\\\\u00fc\\\\u00dfe aus der\\\\nWelt der Netze und"}')
        True
        """
        if self._ids and not self._ids.isdisjoint(_ID.findall(line)):
            return True
        if not self._begins and not self._short:
            return False
        return self._quoted(letters(line)) or ("\\" in line and self._quoted(letters(_unescaped(line))))

    def _quoted(self, line: str) -> bool:
        begins = self._begins
        if begins and any(line[at : at + WINDOW] in begins for at in range(len(line) - WINDOW + 1)):
            return True
        return any(text in line for text in self._short)


def _unescaped(line: str) -> str:
    r"""The line without the backslashes of JSON and of Python.

    >>> _unescaped(r'a \u00fc\n "b')
    'a ü\n  b'
    """
    plain = line.replace('\\"', " ").replace('"', " ").replace("\\'", " ")
    try:
        return str(json.loads(f'"{plain.strip()}"', strict=False))
    except ValueError:
        return line.encode("ascii", "backslashreplace").decode("unicode_escape", "replace")
