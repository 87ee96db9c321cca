"""How a command ends: with one line for what a person or an outage stopped, never with a stack trace."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from include.errors import OUTAGE_EXIT_CODE, USER_ERROR_EXIT_CODE, UserError

INTERRUPTED_EXIT_CODE = 130
"""128 and the number of SIGINT, as shells report it."""

PIPE_CLOSED_EXIT_CODE = 141
"""128 and the number of SIGPIPE: what read the output has ended, as ``head`` does."""

OUTAGES = {
    "psycopg.OperationalError": "is the stack up? (make status, make up)",
    "include.infra.kafka.admin.BrokerUnavailable": "",
    "include.serving.errors.ServingUnavailable": "is the stack up? (make status, make up)",
    "httpx.HTTPError": "is the stack up? (make status, make up)",
    "builtins.ConnectionError": "is the stack up? (make status, make up)",
    "builtins.TimeoutError": "see make logs",
}
"""Errors of servers that do not answer, and what to look at. By the class's name, so that none of their
libraries is loaded here."""

Arguments = ParamSpec("Arguments")


def command(main: Callable[Arguments, int]) -> Callable[Arguments, int]:
    """Have a command's ``main`` return an exit code for what it can't help; its own defects still raise.

    2 where a person has to correct something (:class:`UserError`, arguments, a file that can't be read or
    written), 1 for an outage, 130 after Ctrl-C, 141 where nobody reads the output any more. The message goes
    to standard error, after ``error: ``.
    """

    @wraps(main)
    def wrapper(*args: Arguments.args, **kwargs: Arguments.kwargs) -> int:
        try:
            code = main(*args, **kwargs)
            sys.stdout.flush()
            return code
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else _said(end)
        except KeyboardInterrupt:
            return INTERRUPTED_EXIT_CODE
        except BrokenPipeError:
            _forget_output()
            return PIPE_CLOSED_EXIT_CODE
        except Exception as error:
            found = explained(error)
            if found is None:
                raise
            text, code = found
            complain(text)
            return code

    return wrapper


def show(text: str) -> None:
    """What a command was asked for, on standard output."""
    print(text, flush=True)


def complain(text: str, kind: str = "error") -> None:
    """One error on standard error; ``kind`` is another word for it."""
    print(f"{kind}: {text}", file=sys.stderr, flush=True)


def explained(error: Exception) -> tuple[str, int] | None:
    """What to tell a person of an error, and the exit code; None for a defect of ours.

    >>> explained(FileNotFoundError(2, "No such file or directory", "posts.jsonl"))
    ('posts.jsonl: No such file or directory', 2)
    >>> explained(ZeroDivisionError())
    """
    if isinstance(error, UserError):
        return str(error), USER_ERROR_EXIT_CODE
    for one in type(error).__mro__:
        if (step := OUTAGES.get(f"{one.__module__}.{one.__qualname__}")) is not None:
            said = " ".join(str(error).split()) or type(error).__name__
            return f"{said}; {step}" if step else said, OUTAGE_EXIT_CODE
    if isinstance(error, OSError) and error.filename is not None:
        return f"{os.fsdecode(error.filename)}: {error.strerror}", USER_ERROR_EXIT_CODE
    return None


def _said(end: SystemExit) -> int:
    """As Python itself does at ``sys.exit("text")``."""
    if end.code is None:
        return 0
    print(end.code, file=sys.stderr, flush=True)
    return 1


def _forget_output() -> None:
    """Let Python's own flush at the end write nowhere, or it would complain about the closed pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
