"""Runs a module with further arguments from the environment variable ARGS, as ``make`` is given them.

    ARGS='-k "a or b"' python3 -m include.console.args pytest --fast

ARGS is split into words as a shell splits it, quotes and all, but no shell reads it: nothing in it is run,
looked up or expanded.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence

from include.console.arguments import CommandParser, one_of
from include.console.command import command
from include.errors import UserError

MODULES = (
    "pytest",
    "tools.bench",
    "include.housekeeping",
    "include.forgetting",
    "include.local_stack.rotation",
    "include.console.check",
)
"""Those that make gives ARGS to."""


def words(text: str) -> list[str]:
    """The words of ARGS.

    >>> words("-x -k 'a or b' $(touch it)")
    ['-x', '-k', 'a or b', '$(touch', 'it)']
    >>> words("-k 'a or")
    Traceback (most recent call last):
        ...
    include.errors.UserError: ARGS: no closing quotation: -k 'a or

    Raises:
        UserError: a quote that is not closed, or a backslash at the end.
    """
    try:
        return shlex.split(text)
    except ValueError as error:
        said = str(error)
        raise UserError(f"ARGS: {said[:1].lower()}{said[1:]}: {' '.join(text.split())}") from None


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Become the module's program; with ``--check`` only see that ARGS can be split."""
    parser = CommandParser("include.console.args", __doc__)
    parser.add_argument("--check", action="store_true", help="only check that ARGS can be split")
    parser.add_argument("module", type=one_of(*MODULES), help="what stands after python -m")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="what stands before ARGS")
    given = parser.parse_args(argv)
    further = words(os.environ.get("ARGS", ""))
    if not given.check:
        os.execv(sys.executable, [sys.executable, "-m", given.module, *given.arguments, *further])
    return 0


if __name__ == "__main__":
    sys.exit(main())
