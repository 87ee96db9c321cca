"""What Unicode says of each character, as tables for the graph."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

import numpy as np

from include.text.characters import FIRST, OTHERS, code_ranges, is_invisible, is_spacing_mark, is_word

STARTS, ENDS, INVISIBLE, MAY_CHANGE = 1, 2, 4, 8
"""Of a character, as bits: its letters begin with one of a word; they end so; it is invisible; it may
not stay as it is, or where it is."""

_PARTS = (range(FIRST[0].start, OTHERS[0].stop), OTHERS[1])
PLACES = ((_PARTS[0], 0), (_PARTS[1], len(_PARTS[0])))
"""Ranges of code points, and where each starts in the tables."""

REST = sum(map(len, _PARTS))
"""The place of all other code points, which stay."""

_is_token = re.compile(r"[\w#@+\n]").match


class Tables(NamedTuple):
    """By place, [REST + 1]: bits uint8, combining classes uint8, where the letters start in ``flat`` (int32;
    -1 for a character that stays), how many they are, uint8. flat: code points, int32[total].
    """

    bits: np.ndarray
    classes: np.ndarray
    starts: np.ndarray
    lengths: np.ndarray
    flat: np.ndarray


@cache
def tables() -> Tables:
    """The tables of the Unicode version that Python has."""
    bits, classes, lengths = (
        np.zeros(REST + 1, np.uint8),
        np.zeros(REST + 1, np.uint8),
        np.ones(REST + 1, np.uint8),
    )
    starts, flat = np.full(REST + 1, -1, np.int32), [0]
    for place, code in enumerate(code for part in _PARTS for code in part):
        character = chr(code)
        classes[place] = unicodedata.combining(character)
        bits[place] = MAY_CHANGE if classes[place] else 0
        if is_invisible(character):
            bits[place] = INVISIBLE | MAY_CHANGE
            continue
        letters = _letters(character)
        bits[place] |= STARTS * is_word(letters[0]) + ENDS * is_word(letters[-1])
        if letters != character:
            starts[place], lengths[place] = len(flat), len(letters)
            bits[place] |= MAY_CHANGE
            flat += map(ord, letters)
    return Tables(bits, classes, starts, lengths, np.array(flat, np.int32))


@cache
def unchanged() -> str:
    """A pattern of the texts in which no character may change, in RE2's syntax."""
    codes = (code for part in _PARTS for code in part)
    changing = (code for code, bits in zip(codes, tables().bits, strict=False) if bits & MAY_CHANGE)
    return "[^" + "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in code_ranges(changing)) + "]*"


def _letters(character: str) -> str:
    """The letters of one character, without case beyond ASCII. What only separates words stays as it is.

    >>> _letters("é") == "e" + chr(0x301), _letters("Ａ"), _letters("Ж"), _letters("ß"), _letters("…")
    (True, 'A', 'ж', 'ss', '…')
    """
    if is_spacing_mark(character):
        return character
    apart = unicodedata.normalize("NFKD", character)
    small = "".join(one if one.isascii() or unicodedata.combining(one) else one.casefold() for one in apart)
    letters = unicodedata.normalize("NFKD", small.replace("\u02bc", "'"))
    counts = is_word(character) or any(_is_token(one) or is_word(one) for one in letters)
    return letters if counts else character
