"""The rules for X's filtered stream, built from the keyword lists.

A rule's tag decides the topic of the posts that match it: ``ai:<n>`` or ``mix:<n>``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from include.lexicon.keywords import ALL_AI_KEYWORDS

MAX_RULE = 1_024
"""Characters of one rule at X's pay-per-use level."""

COMMON_WORDS = (
    *(
        "today",
        "people",
        "time",
        "good",
        "day",
        "love",
        "new",
        "year",
        "home",
        "work",
        "life",
        "game",
        "week",
    ),
    *(
        "happy",
        "night",
        "morning",
        "watch",
        "music",
        "food",
        "team",
        "news",
        "free",
        "world",
        "friends",
        "money",
    ),
    *("hoy", "gracias", "vida", "casa", "día", "mejor", "gente", "bonjour", "merci", "aujourd'hui", "jour"),
    *(
        "heute",
        "danke",
        "leben",
        "hoje",
        "obrigado",
        "agora",
        "saya",
        "hari",
        "orang",
        "bugün",
        "güzel",
        "oggi",
    ),
    *(
        "今日",
        "ありがとう",
        "好き",
        "feeling",
        "city",
        "done",
        "again",
        "need",
        "week",
        "best",
        "school",
        "girl",
    ),
)
"""Everyday words of several languages, for a mixed sample, as the operator ``sample:`` is not available."""

_PLAIN = re.compile(r"\w+")


class Rule(NamedTuple):
    """A rule of the filtered stream."""

    value: str
    tag: str


def desired_rules() -> list[Rule]:
    """The rules this project wants on the server; each is at most MAX_RULE characters and has a tag."""
    wanted = {"ai": _ai_terms(), "mix": map(term, dict.fromkeys(COMMON_WORDS))}
    return [
        Rule(value, f"{kind}:{number}")
        for kind, terms in wanted.items()
        for number, value in enumerate(pack(terms), start=1)
    ]


def is_ours(tag: str | None) -> bool:
    """Whether a rule on the server was put there by this project.

    >>> is_ours("mix:2"), is_ours("cats"), is_ours(None)
    (True, False, False)
    """
    return bool(tag and re.fullmatch(r"(?:ai|mix):\d+", tag))


def rules_fingerprint(rules: Iterable[Rule]) -> str:
    """A short hash of a set of rules, independent of their order."""
    return hashlib.sha256("\n".join(sorted(f"{r.tag} {r.value}" for r in rules)).encode()).hexdigest()[:16]


def term(keyword: str) -> str:
    """A keyword in the syntax of rules: quoted if it is more than one word.

    >>> term("ai"), term("deep learning"), term("a.i.")
    ('ai', '"deep learning"', '"a.i."')
    """
    return keyword if _PLAIN.fullmatch(keyword) else '"' + keyword.replace('"', "") + '"'


def _ai_terms() -> Iterator[str]:
    """Each keyword, and for those of several words the hashtag."""
    for keyword in ALL_AI_KEYWORDS:
        yield term(keyword)
        if " " in keyword:
            yield "#" + re.sub(r"\W", "", keyword)


def pack(terms: Iterable[str], limit: int = MAX_RULE) -> Iterator[str]:
    """Join terms with OR into as few rules as fit the limit.

    >>> list(pack(["aaa", "bbb", "ccc"], limit=10))
    ['aaa OR bbb', 'ccc']
    """
    rule = ""
    for each in terms:
        longer = f"{rule} OR {each}" if rule else each
        if len(longer) > limit:
            yield rule
            longer = each
        rule = longer
    if rule:
        yield rule
