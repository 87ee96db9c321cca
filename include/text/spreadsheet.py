"""Cells for spreadsheets, and back: no text that a spreadsheet runs as a formula.

Spreadsheets run a cell that begins with ``=``, ``+``, ``-`` or ``@``, some of them also behind blanks or in
full width. Such a text gets an apostrophe before it (OWASP, "CSV injection"). So does one that already looks
like a guarded text: that way what :func:`unguarded` gives back is always what was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson

from include.text.direction import without_direction

FORMULA = (
    "'*[\u0000-\u0020\u007f-\u00a0\u00ad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]*"
    "[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]"
)
"""How a dangerous text begins: blanks and invisible characters, then a sign in any width. A regular
expression in the syntax that Python and RE2 share."""

_is_formula = re.compile(FORMULA).match


def guarded(value: Any) -> Any:
    """A value as a cell: text guarded, what nests as JSON, times in ISO 8601; a number stays a number.

    >>> guarded('=HYPERLINK("http://a")'), guarded(["a", "b"]), guarded(-1.5), guarded(None)
    ('\\'=HYPERLINK("http://a")', '["a","b"]', -1.5, None)
    """
    if isinstance(value, list):
        return orjson.dumps(list(map(_shown, value))).decode()
    if isinstance(value, dict):
        return orjson.dumps(value).decode()
    if isinstance(value, datetime):
        return value.isoformat()
    return f"'{value}" if isinstance(value, str) and _is_formula(value) else value


def unguarded(cell: str) -> str:
    """The text of a cell that :func:`guarded` made.

    >>> unguarded("'@user"), unguarded("'quoted'"), unguarded("''=1")
    ('@user', "'quoted'", "'=1")
    """
    return cell[1:] if cell.startswith("'") and _is_formula(cell) else cell


def guarded_rows(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a table on a page, which its reader can download as CSV; lists stay lists, of guarded items."""
    return [{name: _cell(value) for name, value in row.items()} for row in rows]


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return [guarded(item) if isinstance(item, str) else item for item in value]
    return guarded(value) if isinstance(value, str) else value


def _shown(item: Any) -> Any:
    return without_direction(item) if isinstance(item, str) else item
