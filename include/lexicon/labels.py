"""The votes of a labelling function, in snorkel's numbers."""

from __future__ import annotations

from typing import Final

ABSTAIN: Final = -1
NOT_AI: Final = 0
AI: Final = 1

NAMES = {ABSTAIN: "no label", NOT_AI: "not AI", AI: "AI"}
"""The votes in words."""
