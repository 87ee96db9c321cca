"""Matching posts by filtered-stream rules: the part of X's rule language that is used here.

Words, quoted phrases and hashtags, joined by OR or by a space (and), grouped by parentheses, negated
by ``-``, and the operators ``lang:xx``, ``is:retweet``, ``has:links``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

_TOKEN = re.compile(r'\s*(-?"[^"]+"|\(|-\(|\)|[^\s()"]+)')
_LETTER = "0-9a-z_\u00c0-\u024f\u0370-\u052f"


class RuleError(ValueError):
    """A rule that can't be parsed."""


@dataclass(frozen=True)
class Candidate:
    """The fields of a post that rules match."""

    text: str
    """In lower case."""
    lang: str | None = None
    is_retweet: bool = False
    has_links: bool = False


Match = Callable[[Candidate], bool]


def compile_rule(value: str) -> Match:
    """A function that returns whether a candidate matches.

    >>> rule = compile_rule('(ai OR "deep learning") -is:retweet')
    >>> rule(Candidate("more deep  learning")), rule(Candidate("#ai", is_retweet=True))
    (True, False)

    Raises:
        RuleError: the message says what is wrong.
    """
    tokens = _tokens(value)
    if not tokens:
        raise RuleError("the rule is empty")
    match, rest = _any_of(tokens)
    if rest:
        raise RuleError(f"unexpected {rest[0]!r}")
    return match


def _tokens(value: str) -> list[str]:
    tokens, at = [], 0
    value = value.rstrip()
    while at < len(value):
        found = _TOKEN.match(value, at)
        if not found:
            raise RuleError(f"can't read {value[at : at + 20]!r}")
        tokens.append(found.group(1))
        at = found.end()
    return tokens


def _any_of(tokens: list[str]) -> tuple[Match, list[str]]:
    """Alternatives. Plain terms are joined into one pattern, as rules are mostly long lists of terms."""
    terms: list[str] = []
    others: list[Match] = []
    while True:
        if _is_term(tokens) and (len(tokens) == 1 or tokens[1] in ("OR", ")")):
            terms.append(_term_pattern(tokens[0]))
            tokens = tokens[1:]
        else:
            match, tokens = _all_of(tokens)
            others.append(match)
        if not tokens or tokens[0] != "OR":
            break
        tokens = tokens[1:]
    if terms:
        others.insert(0, _search(terms))
    return (others[0] if len(others) == 1 else lambda c: any(match(c) for match in others)), tokens


def _all_of(tokens: list[str]) -> tuple[Match, list[str]]:
    matches: list[Match] = []
    while tokens and tokens[0] not in ("OR", ")"):
        match, tokens = _one(tokens)
        matches.append(match)
    if not matches:
        raise RuleError("OR and parentheses need something on both sides")
    return reduce(_both, matches), tokens


def _both(one: Match, other: Match) -> Match:
    return lambda candidate: one(candidate) and other(candidate)


def _one(tokens: list[str]) -> tuple[Match, list[str]]:
    token, rest = tokens[0], tokens[1:]
    if token.startswith("-"):
        if token == "-":
            raise RuleError("a lone -")
        match, rest = _one([token[1:], *rest])
        return (lambda candidate: not match(candidate)), rest
    if token == "(":
        match, rest = _any_of(rest)
        if not rest:
            raise RuleError("a parenthesis is not closed")
        return match, rest[1:]
    return _operator(token) or _search([_term_pattern(token)]), rest


def _operator(token: str) -> Match | None:
    name, colon, argument = token.partition(":")
    if not colon or token.startswith('"'):
        return None
    if name == "lang" and argument:
        return lambda candidate: candidate.lang == argument
    if token == "is:retweet":
        return lambda candidate: candidate.is_retweet
    if token == "has:links":
        return lambda candidate: candidate.has_links
    raise RuleError(f"operator {token!r} is not known here")


def _is_term(tokens: list[str]) -> bool:
    return (
        bool(tokens)
        and tokens[0] != "OR"
        and tokens[0][0] not in "-()"
        and (":" not in tokens[0] or tokens[0].startswith('"'))
    )


def _term_pattern(token: str) -> str:
    words = token.strip('"').lower().split()
    if not words:
        raise RuleError(f"an empty term {token!r}")
    pattern = r"\s+".join(map(re.escape, words))
    before = "" if pattern.startswith(r"\#") else f"(?<![{_LETTER}])"
    return f"{before}{pattern}(?![{_LETTER}])"


def _search(patterns: list[str]) -> Match:
    search = re.compile("|".join(patterns)).search
    return lambda candidate: search(candidate.text) is not None
