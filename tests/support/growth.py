"""Whether a function's time grows faster than the text it reads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

LETTERS = 1_000
TIMES = 8
MOST = 20
"""A text of eight times the length may take twenty times as long; in quadratic time it takes sixty-four."""
SECONDS = 0.002
"""What takes less proves nothing."""

HOSTILE = (
    "http://",
    "https://t.co/",
    "http://a.b/(",
    "http://a.b/)",
    "(http://a.b/",
    "'http://a.b/'",
    "http://a.b/([)]",
    "http://a.b/...",
    "http://a.b/c…",
    "…http://a.b",
    "http://a.",
    "http://a@",
    "http://é.",
    "http://❤",
    "http://é❤",
    "http://。",
    "http://a。",
    "http://é.éé。",
    "http://a.b/・",
    "http://a.b/é(・",
    "www.",
    "h:",
    "ht:",
    "h…",
    "é・",
    "(",
    ")",
    "]",
    "[(",
    "([",
    ")]",
    "<",
    "<a",
    "@",
    "@a.",
    "@a #b ",
    "#",
    "#a ",
    "#a",
    "#1",
    "＃ＡＩ",
    "#हिन्दी",
    "हिन्दी ",
    "a.",
    "a-",
    "a.a",
    "a\n",
    " ",
    "\n",
    "\t \n",
    "\u3000",
    "\u200d",
    "a\u200d",
    "\u00ad",
    "\ufeff#",
    "\u202e",
    "\u0301",
    "\u0301\u0323",
    "e\u0301\u0323",
    "\u0f73",
    "\uff9e",
    "\u1161\u11a8",
    "가",
    "ﷺ",
    "🔥",
    "👩\u200d🔬",
    "\ud83d",
    "\x00",
    "&",
    "&#",
    "&amp;",
    "&lt",
    "&#9",
    "RT @a: ",
    "RT @a",
    "RT ",
    "A.",
    "A. I",
    "AI",
    "aA",
    "ai ",
    "AI 100 ",
    "1 ml ",
    "_",
    "1",
    "j'ai ",
    "machine ",
    "machine-",
    "machine learning ",
    "natural language ",
    "cc ",
    "the #a ",
    "#a #b\n",
    "%",
    "%4",
    "%c3",
    "/.",
    "/../",
    "a/../",
    "?a=1&",
    "&utm_a",
    "#/",
    "xn--",
    "=",
)
"""What hostile texts repeat: what rules begin with and then do not find the end of."""


def superlinear(
    function: Callable[[str], object], units: Iterable[str] = HOSTILE, prefix: str = ""
) -> list[str]:
    """The units whose repetition the function reads in more than linear time, with the seconds it took."""
    return [problem for unit in units if (problem := _problem(function, unit, prefix))]


def _problem(function: Callable[[str], object], unit: str, prefix: str) -> str | None:
    """The first three times are compared again, as something else may have used the machine."""
    short, long = (prefix + unit * (letters // len(unit)) for letters in (LETTERS, LETTERS * TIMES))
    for _ in range(4):
        slow, quick = _seconds(function, long), _seconds(function, short)
        if slow < SECONDS or slow < MOST * quick:
            return None
    return f"{unit!a}: {quick:.4f} s, {TIMES} times as long: {slow:.4f} s"


def _seconds(function: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    function(text)
    return time.process_time() - start
