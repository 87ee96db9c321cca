"""What a link holds that is only tracking; the list and its sources are ``tracking.json``."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib import resources
from typing import Any
from urllib.parse import unquote

_LIST: dict[str, Any] = json.loads(resources.files(__package__).joinpath("tracking.json").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class TrackingRule:
    """The parameters that are tracking, and the paths that are one page."""

    names: frozenset[str]
    prefixes: tuple[str, ...]
    path: re.Pattern[str] | None = None
    becomes: str = ""

    @classmethod
    def of(cls, entry: dict[str, Any]) -> TrackingRule:
        """One entry of the list: names and prefixes, each with what holds everywhere."""
        every = (_LIST["everywhere"], entry)
        names = frozenset(name for one in every for name in one.get("names", ()))
        prefixes = tuple(prefix for one in every for prefix in one.get("prefixes", ()))
        path = re.compile(entry["path"]) if "path" in entry else None
        return cls(names, prefixes, path, entry.get("becomes", ""))

    def tracks(self, parameter: str) -> bool:
        """Whether a parameter of a query, as ``name=value``, is tracking."""
        name = parameter.partition("=")[0].lower()
        if "%" in name:
            name = unquote(name).lower()
        return name in self.names or name.startswith(self.prefixes)

    def page(self, path: str) -> str:
        """The path by which a page goes that has several."""
        return self.path.sub(self.becomes, path, count=1) if self.path and self.path.fullmatch(path) else path


_EVERYWHERE = TrackingRule.of({})
_RULES = {host: TrackingRule.of(entry) for entry in _LIST["rules"] for host in entry["hosts"]}

HOSTS_WITH_PATHS = frozenset(host.partition(".")[0] for host, rule in _RULES.items() if rule.path)
"""The first labels of the hosts on which several paths are one page."""


def rule_of(host: str) -> TrackingRule:
    """The rule of a host: its own, or that of the nearest host above it.

    >>> rule_of("m.youtube.com").tracks("feature=share"), rule_of("example.com").tracks("feature=share")
    (True, False)
    >>> rule_of("www.amazon.de").page("/Ein-Buch/dp/0123456789/ref=sr_1_1")
    '/dp/0123456789'
    """
    while host:
        if rule := _RULES.get(host):
            return rule
        host = host.partition(".")[2]
    return _EVERYWHERE


def untracked(rule: TrackingRule, query: str) -> str:
    """The query without its tracking and empty parameters; the others stay in order.

    >>> untracked(rule_of("youtu.be"), "si=x&t=42&&utm_source=y")
    't=42'
    """
    return "&".join(one for one in query.split("&") if one and not rule.tracks(one))
