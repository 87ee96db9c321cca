"""Ids of posts: taken out of the guards that spreadsheets need, and known where they have lost digits.

X's ids have up to 19 digits, a double holds 15 to 17: what spreadsheets, data frames and JavaScript write
back is another number, by which posts then share an id.
"""

from __future__ import annotations

import re
from decimal import Decimal

_SPACE = " \t\r\n\x00\ufeff\u00a0\u200b"
_GUARDS = (("=", ""), ('"', '"'), ("'", "'"), ("'", ""), ("`", ""), ("’", ""), ("“", "”"), ("‘", "’"))
_is_plain = re.compile(r"[0-9]+|at://.+").fullmatch
_is_digits = re.compile(r"[0-9]+").fullmatch
_is_mangled = re.compile(
    r"[-+]?[0-9]+(?:[.,][0-9]*)?[eE]\+[0-9]+"  # 1.24E+18, 1,24e+018
    r"|[-+]?[0-9]+[.,][0-9]*[eE][0-9]+"  # 1.24E18, as Java writes it
    r"|[-+]?[0-9]{1,4}[eE]1[0-9]"  # 124e16, and no hash of a post
    r"|[-+]?[0-9]+[.,]0*"  # 1240291123456700000.0
    r"|[0-9]{1,3}(?:([.,'’ \u00a0\u202f])[0-9]{3})(?:\1[0-9]{3})+"  # 1,240,291
    r"|-?(?:nan|inf|infinity|none|null|#+|#n/a|#num!|#value!|#ref!|#name\?)",
    re.IGNORECASE,
).fullmatch

ADVICE = (
    "a spreadsheet or a data frame took it for a number, with fractions, that holds fewer: "
    "export the ids as text (pandas: dtype=str)"
)
"""For an error: what happened to an id, and what to do."""


def is_mangled(value: object) -> bool:
    """Whether an id was written by somebody who took it for a number, so that it may have lost digits.

    A float always, even a small one: nobody knows what it was before.

    >>> [is_mangled(value) for value in (1.5, "1.24E+18", "1240291123456700000.0", '="1.24e18"', "NaN")]
    [True, True, True, True, True]
    >>> [is_mangled(value) for value in (7, "7", "at://did:plc:a/x/1", "12e4", "t3_1e5", None)]
    [False, False, False, False, False, False]
    """
    if isinstance(value, str):
        return bool(_is_mangled(_unguarded(value)))
    return isinstance(value, float)


def plain_id(value: object) -> str:
    """The id without spaces and without the guard of a spreadsheet; empty where there is none.

    >>> plain_id('="1240291123456789123"'), plain_id("'17"), plain_id(' “17” '), plain_id(17), plain_id(None)
    ('1240291123456789123', '17', '17', '17', '')
    >>> plain_id("'quoted'"), plain_id("=1+1")
    ("'quoted'", '=1+1')
    """
    if isinstance(value, Decimal) and value.is_finite() and value == int(value):
        return str(int(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        return ""
    value = value.strip(_SPACE)
    if value.isdigit() or value[:1].isalpha():
        return value
    inner = _unguarded(value)
    return inner if _is_plain(inner) else value


def _unguarded(value: str) -> str:
    """The value without whatever guards stand around it, one within the other."""
    value = value.strip(_SPACE)
    for _ in range(4):
        for before, after in _GUARDS:
            if len(value) > len(before + after) and value.startswith(before) and value.endswith(after):
                value = value[len(before) : len(value) - len(after)].strip(_SPACE)
                break
        else:
            break
    return value


class RoundedIds:
    """Watches a file's ids for the zeros at the end that all of them have, where they were rounded.

    Rounded to 15 digits (spreadsheets) or 17 (JavaScript), an id still looks like one. One id may end in
    zeros by chance, but not all ids of a file: ``_ZEROS`` zeros together come once in 100 million files.
    """

    _DIGITS, _ZEROS, _FEWEST, _MOST = 17, 8, 2, 100

    def __init__(self) -> None:
        self._rounded: set[str] = set()
        self._excluded = False

    def add(self, identifier: str) -> None:
        """Note the id of one more post; those of other sources and of X's early years tell nothing."""
        if self._excluded or len(identifier) <= self._DIGITS or not _is_digits(identifier):
            return
        if len(identifier.rstrip("0")) > self._DIGITS:
            self._excluded = True
            self._rounded.clear()
        elif len(self._rounded) < self._MOST:
            self._rounded.add(identifier)

    def example(self) -> str | None:
        """One of the rounded ids, if they are that; None as soon as one id was whole."""
        if len(self._rounded) < self._FEWEST:
            return None
        digits = max(len(one.rstrip("0")) for one in self._rounded)
        zeros = sum(len(one) - digits for one in self._rounded)
        return min(self._rounded) if zeros >= self._ZEROS else None
