"""A command's arguments: each value is checked where it is read, and refused with its name, in one line."""

from __future__ import annotations

import argparse
import json
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from include.errors import USER_ERROR_EXIT_CODE

YES, NO = ("yes", "true", "1"), ("no", "false", "0")


class CommandParser(argparse.ArgumentParser):
    """A parser whose errors are one line. It takes no abbreviation of an option's name.

    Args:
        module: what stands after ``python -m``.
        about: its first line is the description.
        by_make: the name by which ``make`` takes an option's value, by option.
    """

    def __init__(
        self, module: str = "", about: str | None = "", by_make: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        more.setdefault("prog", f".venv/bin/python -m {module}")
        more.setdefault("description", next(iter((about or "").strip().splitlines()), None))
        super().__init__(allow_abbrev=False, **more)
        self._by_make = by_make or {}

    def error(self, message: str) -> NoReturn:
        """Leave with code 2."""
        for option, name in self._by_make.items():
            message = re.sub(rf"{option}(?![\w-])", f"{name}= ({option})", message)
        more = "'make help', or " if self._by_make else ""
        self.exit(USER_ERROR_EXIT_CODE, f"error: {message}; see {more}'{self.prog} --help'\n")


def whole_number(least: int, most: int | None = None) -> Callable[[str], int]:
    """A reader of whole numbers within bounds, in plain digits.

    >>> whole_number(1)("0")
    Traceback (most recent call last):
        ...
    argparse.ArgumentTypeError: '0' is not a whole number from 1
    """
    bounds = f"from {least}" if most is None else f"from {least} to {most}"

    def read(text: str) -> int:
        digits = text.removeprefix("-")
        if digits.isascii() and digits.isdigit() and len(digits) < 19:
            number = int(text)
            if number >= least and (most is None or number <= most):
                return number
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number {bounds}")

    return read


def finite_number(least: float, most: float = math.inf, *, above: bool = False) -> Callable[[str], float]:
    """A reader of finite numbers within bounds; ``above``: the lower bound is too small itself.

    >>> finite_number(0, 1)("0.5")
    0.5
    """
    bounds = f"{'above' if above else 'from'} {least:g}" + (f" to {most:g}" if most < math.inf else "")

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or not least <= value <= most or (above and value == least):
            raise argparse.ArgumentTypeError(f"{text!r} is not a number {bounds}")
        return value

    return read


def one_of(*names: str) -> Callable[[str], str]:
    """A reader of one of some names."""

    def read(text: str) -> str:
        if text not in names:
            raise argparse.ArgumentTypeError(f"{text!r} is none of: {', '.join(names)}")
        return text

    return read


def existing_file(text: str) -> Path:
    """The path of a file that is there."""
    if not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"{text!r} is no file")
    return Path(text)


def some_text(text: str) -> str:
    """A text that says something."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty")
    return text.strip()


def plain_name(text: str) -> str:
    """A name that is looked up later: not empty, no blanks."""
    if not text or text != "".join(text.split()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a name")
    return text


def yes_or_no(text: str) -> bool:
    """A switch: ``make clean-state CONFIRM=no`` deletes nothing.

    >>> yes_or_no("yes"), yes_or_no("0")
    (True, False)
    """
    if text.lower() not in YES + NO:
        raise argparse.ArgumentTypeError(f"{text!r} is neither yes nor no")
    return text.lower() in YES


def json_object(text: str) -> dict[str, Any]:
    """A JSON object.

    >>> json_object("[1]")
    Traceback (most recent call last):
        ...
    argparse.ArgumentTypeError: '[1]' is not a JSON object such as {"posts": 1000}
    """
    try:
        found = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        shown = text if len(text) <= 80 else f"{text[:80]}…"
        raise argparse.ArgumentTypeError(f"""{shown!r} is not a JSON object such as {{"posts": 1000}}""")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")
