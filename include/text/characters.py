"""Sets of characters by their Unicode properties, as fragments of regular expressions.

The standard library's ``\\w`` leaves out combining marks, without which no word of Hindi, Bengali or
Malayalam can be read. And it reads one class of all of Unicode range by range for every character that is
not in it, five times as slowly as two classes, one of the first 65,536 characters and one of the others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

FIRST = (range(0x10000),)
OTHERS = (range(0x10000, 0x323B0), range(0xE0000, 0xE01F0))
"""All assigned characters but those for private use."""


def char_class(holds: Callable[[str], bool], codes: Iterable[range] = (*FIRST, *OTHERS)) -> str:
    """The inside of a character class of the characters for which ``holds`` is true.

    >>> re.findall(f"[{char_class(str.isupper)}]", "aBcĐ")
    ['B', 'Đ']
    """
    found = code_ranges(code for part in codes for code in part if holds(chr(code)))
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in found)


def code_ranges(codes: Iterable[int]) -> list[tuple[int, int]]:
    """Code points in ascending order, as the first and the last of each run.

    >>> code_ranges([1, 2, 3, 7])
    [(1, 3), (7, 7)]
    """
    ranges: list[tuple[int, int]] = []
    for code in codes:
        first = ranges.pop()[0] if ranges and ranges[-1][1] == code - 1 else code
        ranges.append((first, code))
    return ranges


INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200c-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0100-\U000e01ef"
)
"""Unicode's Default_Ignorable_Code_Point, but for the zero-width space, which separates words (UAX #14)."""

TAGS = "\U000e0000-\U000e00ff"
"""The others of that property: they tell the flag of Wales from that of Scotland."""

is_invisible = re.compile(f"[{INVISIBLE}{TAGS}]").fullmatch


def is_word(character: str) -> bool:
    """Whether a character is part of a word: Unicode's XID_Continue (UAX #31), where it is visible.

    The middle dot, which is in that set for Catalan alone, also separates words.

    >>> [is_word(character) for character in "a7_\u093f-·\u200d"]
    [True, True, True, True, False, False, False]
    """
    return (
        ("a" + character).isidentifier() and not is_invisible(character) and character not in "\u00b7\u0387"
    )


WORD_ASCII = "A-Za-z0-9_"
WORD_FIRST = char_class(is_word, (range(0x80, 0x10000),))
WORD_OTHERS = char_class(is_word, OTHERS)
"""The insides of classes of word characters: those of ASCII, the others of the first plane, of the other
planes."""

WORD_CLASS = WORD_ASCII + WORD_FIRST + WORD_OTHERS
"""All of them: slow, for a look to one side."""


def one_or_more(ascii_class: str, *others: str) -> str:
    """A pattern of one or more word characters, and of those of ASCII that the class names; it gives none of
    them back.

    Args:
        ascii_class: the inside of a class.
        others: further patterns of what may stand in it.
    """
    parts = (f"[{ascii_class}{WORD_FIRST}]++", f"(?![\\0-\\uffff])[{WORD_OTHERS}]++", *others)
    return f"(?:{'|'.join(parts)})++"


WORD = one_or_more(WORD_ASCII)
"""One or more word characters."""


def is_spacing_mark(character: str) -> bool:
    """Whether a character is an accent that stands alone, which normalisation (NFKC) takes for a space and a
    combining mark: the mark would become part of the next word.

    >>> [is_spacing_mark(character) for character in "´¨é\u3000"]
    [True, True, False, False]
    """
    composed = unicodedata.normalize("NFKC", character)
    return len(composed) > 1 and composed[0] == " "


def is_mark(character: str) -> bool:
    """Whether a character is made of combining marks alone, which normalisation sorts.

    >>> [is_mark(character) for character in "\u0301\u0f73\uff9eé"]
    [True, True, True, False]
    """
    return all(map(unicodedata.combining, unicodedata.normalize("NFKD", character)))


SPACING_MARK = char_class(is_spacing_mark, FIRST)
MARK_FIRST = char_class(is_mark, FIRST)
MARK_CLASS = MARK_FIRST + char_class(is_mark, OTHERS)
