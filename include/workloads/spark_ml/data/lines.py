"""What is wrong with a line of a CSV file to learn from, in words; without Spark."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence

from include.workloads.spark_ml.base.row import LABEL, TRAINING_COLUMNS

SHOWN = 40
"""Characters of a wrong value that are told."""


def first_difference(number: int, line: str) -> str | None:
    """How a line differs from the declared schema; None where it does not. The first line is the header.

    >>> first_difference(1, "a,b")
    "line 1: column 1 is 'a', declared is 'lepton_pT'"
    >>> first_difference(3, ",".join(["1"] * 27 + ["x", "1"]))
    "line 3, column m_wwbb: 'x' is no number"
    """
    values = next(csv.reader([line]), [])
    if number == 1:
        why = _header(values)
    elif not line.strip():
        return None  # as Spark does, a line without anything is passed over
    else:
        why = _row(values)
    return f"line {number}{why}" if why else None


def _header(names: Sequence[str]) -> str | None:
    for place, (name, declared) in enumerate(zip(names, TRAINING_COLUMNS, strict=False), 1):
        if name != declared:
            return f": column {place} is {_cut(name)}, declared is {declared!r}"
    if len(names) != len(TRAINING_COLUMNS):
        return f": {len(names)} columns, declared are {len(TRAINING_COLUMNS)}"
    return None


def _row(values: Sequence[str]) -> str | None:
    if len(values) != len(TRAINING_COLUMNS):
        return f": {len(values)} values for {len(TRAINING_COLUMNS)} columns"
    for name, value in zip(TRAINING_COLUMNS, values, strict=True):
        if why := _value(name, value):
            return f", column {name}: {why}"
    return None


def _value(name: str, value: str) -> str | None:
    if not value:
        return "there is no value"
    try:
        number = float(value)
    except ValueError:
        return f"{_cut(value)} is no number"
    if not math.isfinite(number):
        return f"{_cut(value)} is not finite"
    if name == LABEL and number not in (0.0, 1.0):
        return f"{_cut(value)} is neither 0 nor 1"
    return None


def _cut(value: str) -> str:
    return repr(value if len(value) <= SHOWN else f"{value[:SHOWN]}…")
