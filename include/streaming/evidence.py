"""What a workload measures before one of its scorers may get all messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from include.errors import UserError
from include.settings import Settings


class NoEvidence(UserError):
    """It can't be measured now; the message says what is missing and what to do."""


@dataclass(frozen=True)
class Finding:
    """One requirement: its name, whether it is met, and in words what was found and what was wanted."""

    name: str
    passed: bool
    said: str


@dataclass(frozen=True)
class Evidence:
    """Findings, and the numbers they rest on: plain values by name, as JSON takes them."""

    findings: tuple[Finding, ...]
    measured: Mapping[str, Any]

    @property
    def passed(self) -> bool:
        return all(finding.passed for finding in self.findings)


GatherEvidence: TypeAlias = Callable[[Settings, str], Evidence]
"""Called as ``gather(settings, scorer)``: what speaks for and against giving that scorer all messages.

Raises NoEvidence."""
