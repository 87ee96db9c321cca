"""A small text grammar: templates with slots and alternatives, expanded at random.

``{slot}`` is a phrase of that slot, itself a template; ``[a|b|]`` is one of the alternatives, here "a", "b"
or nothing. Alternatives may contain slots and other alternatives.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence

_ALTERNATIVES = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_SPACES = re.compile(r"[ \t]{2,}| +(?=[,.!?:;](?:\s|$))")
_DEPTH = 12


class Grammar:
    """Templates over shared slots.

    >>> Grammar({"who": ["I", "we"]}).expand("{who} [saw|see] it", random.Random(1))
    'I saw it'
    """

    def __init__(self, slots: Mapping[str, Sequence[str]]) -> None:
        self._slots = slots

    def expand(self, template: str, rng: random.Random) -> str:
        """A random text from the template.

        Raises:
            KeyError: the template names an unknown slot.
        """
        for _ in range(_DEPTH):
            while "[" in template:
                template = _ALTERNATIVES.sub(lambda m: rng.choice(m.group(1).split("|")), template)
            if "{" not in template:
                break
            template = _SLOT.sub(lambda m: rng.choice(self._slots[m.group(1)]), template)
        return _SPACES.sub(
            lambda m: " " if len(m.group()) > 1 and m.end() < len(m.string) else "", template
        ).strip()
