"""Checks a command's arguments before anything is installed, loaded or started.

    python3 -m include.console.check include.model.crossfit --version=3

Any Python that ``make`` finds will do: the modules that are named here load nothing but the standard library
to read their arguments; a test holds that.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from include.console.arguments import CommandParser, one_of
from include.console.command import command

CHECKED = (
    "include.local_stack.__main__",
    "include.local_stack.backfill",
    "include.local_stack.demo.__main__",
    "include.model.crossfit",
    "include.model.evaluate",
    "tools.bench.__main__",
    "tools.drill.__main__",
)
"""Commands behind make's targets; each has a function ``parse`` of its arguments."""


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Have a command parse its arguments, and do nothing else; code 2 where it refuses them."""
    known = {name.removesuffix(".__main__"): name for name in CHECKED}
    parser = CommandParser("include.console.check", __doc__)
    parser.add_argument("module", type=one_of(*known), help="what stands after python -m")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="what stands after that")
    given = parser.parse_args(argv)
    import_module(known[given.module]).parse(given.arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
