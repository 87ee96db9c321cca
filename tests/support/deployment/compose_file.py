"""docker-compose.yaml as data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml

from include.settings import PROJECT_ROOT

FILE = PROJECT_ROOT / "docker-compose.yaml"
REFERENCE = re.compile(r"(?<!\$)\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<text>(?:[^{}]|\$\{[^{}]*\})*))?\}")


@cache
def compose() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def services() -> dict[str, dict[str, Any]]:
    return compose()["services"]


def environment(service: str) -> dict[str, str]:
    """The variables of a service, with what .env would fill in replaced by its default, or by 'given'."""
    found = services()[service].get("environment", {})
    return {name: resolved(str(value)) for name, value in found.items()}


def resolved(text: str) -> str:
    filled_in = REFERENCE.sub(lambda ref: (ref["text"] or "") if ref["kind"] == "-" else "given", text)
    return filled_in if filled_in == text else resolved(filled_in)  # a default may name another variable


def references() -> dict[str, set[str]]:
    """The variables that the file takes from .env, each with its kinds: '-' a default, '?' required."""
    found: dict[str, set[str]] = {}
    for reference in _within(FILE.read_text(encoding="utf-8")):
        found.setdefault(reference["name"], set()).add(reference["kind"] or "")
    return found


def _within(text: str) -> Iterator[re.Match[str]]:
    for reference in REFERENCE.finditer(text):
        yield reference
        yield from _within(reference["text"] or "")


def image(service: str) -> tuple[str, str]:
    """Name and tag of a service's image."""
    name, _, tag = services()[service]["image"].rpartition(":")
    return name, tag
