"""The base class of errors that a person has to fix, and exit codes."""


class UserError(Exception):
    """Something only a person can fix: wrong input, a step not yet run. Trying again won't help.

    Its message says what is wrong, with which value, and what to do next.
    """


USER_ERROR_EXIT_CODE = 2
"""Exit code of a command that stopped with a :class:`UserError`; argparse uses the same."""

OUTAGE_EXIT_CODE = 1
"""Exit code of a command that an outage stopped; trying again may help."""
