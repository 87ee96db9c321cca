"""One of Airflow's programs, with the secrets that only these get.

    python -m include.local_stack.airflow.program scheduler

The process manager's environment, which every program of the stack inherits, holds none. A program that is
started again has the secrets of then.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from include.console.arguments import CommandParser
from include.console.command import command
from include.local_stack.airflow.server import PROGRAMS, secret_variables
from include.settings import get_settings


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Become ``airflow <arguments>``."""
    parser = CommandParser("include.local_stack.airflow.program", __doc__)
    parser.add_argument("program", choices=PROGRAMS, help="further arguments are Airflow's own")
    chosen, others = parser.parse_known_args(arguments)
    given = [chosen.program, *others]
    variables = os.environ | secret_variables(get_settings())
    os.execve(sys.executable, [sys.executable, "-m", "airflow", *given], variables)


if __name__ == "__main__":
    sys.exit(main())
