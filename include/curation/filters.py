"""Which cards a curator wants to see, and the same as the parameters of an address, which can be shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal, get_args

State = Literal["open", "reposted", "hidden", "wrong"]
STATES: tuple[State, ...] = get_args(State)
Origin = Literal["live", "dump", "synthetic"]
ORIGINS: tuple[Origin, ...] = get_args(Origin)

LONGEST = 200
"""Characters of a value in an address that are read."""


@dataclass(frozen=True)
class Filter:
    """Which cards.

    Attributes:
        q: words that the text has, as a search engine takes them: "a phrase", -without.
        lang: a language, as the source names it; empty: any.
        domain: a site; empty: any.
        source: where posts come from: live, dump, synthetic.
        since, until: the first and the last day (UTC) on which a card was first seen.
        p: the least probability; None: the threshold of the model in service.
        state: undecided cards, or those that were decided so.
    """

    q: str = ""
    lang: str = ""
    domain: str = ""
    source: Origin = "live"
    since: date | None = None
    until: date | None = None
    p: float | None = None
    state: State = "open"

    @property
    def weighs_novelty(self) -> bool:
        """Whether reposts of a card's site count; not for who looks for words, a site or days."""
        return self.state == "open" and not (self.q or self.domain or self.since or self.until)

    def address(self) -> dict[str, str]:
        """The parameters that differ from the default.

        >>> Filter(q="attention", p=0.8, since=date(2026, 11, 1)).address()
        {'q': 'attention', 'since': '2026-11-01', 'p': '0.8'}
        """
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        default = {field.name: field.default for field in fields(self)}
        return {name: str(value) for name, value in given.items() if value != default[name]}

    @classmethod
    def of_address(cls, parameters: Mapping[str, str]) -> Filter:
        """The filter of an address; what means nothing is left out, whoever wrote it.

        >>> Filter.of_address({"q": "a\\x00b", "p": "7", "since": "soon", "state": "hidden", "x": "y"})
        Filter(q='a b', lang='', domain='', source='live', since=None, until=None, p=None, state='hidden')
        """
        values = {name: _READ[name](value[:LONGEST]) for name, value in parameters.items() if name in _READ}
        return cls(**{name: value for name, value in values.items() if value is not None})


def _words(given: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in given).split())


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given)
    except ValueError:
        return None


def _share(given: str) -> float | None:
    try:
        value = float(given)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


_READ: dict[str, Any] = {
    "q": _words,
    "lang": _words,
    "domain": _words,
    "source": lambda given: given if given in ORIGINS else None,
    "since": _day,
    "until": _day,
    "p": _share,
    "state": lambda given: given if given in STATES else None,
}
