"""A dataset version, the unit of every run: an integer >= 0."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime, timedelta

from include.errors import UserError

MAX_VERSION = 999_999
"""A thousand versions a day for years; the day it maps to stays within a date's range."""

_VERSION = re.compile(r"\d{1,6}", re.ASCII)
_DAY_OF_VERSION_0 = datetime(2000, 1, 1, tzinfo=UTC)


class VersionError(UserError, ValueError):
    """A dataset version that is not an integer >= 0."""


def parse_version(value: object) -> int:
    """Read a dataset version from a Param, a partition key or an argument.

    >>> parse_version("3"), parse_version(0)
    (3, 0)
    >>> parse_version("-1")
    Traceback (most recent call last):
        ...
    include.schema.dataset_version.VersionError: dataset version '-1' is not an integer from 0 to 999999

    Raises:
        VersionError: naming the value.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_VERSION:
        return value
    if isinstance(value, str) and _VERSION.fullmatch(value):
        return int(value)
    raise VersionError(f"dataset version {value!r} is not an integer from 0 to {MAX_VERSION}")


def date_of_version(version: int) -> datetime:
    """The partition date of a version: its day number since 2000-01-01, midnight UTC.

    >>> date_of_version(3).isoformat()
    '2000-01-04T00:00:00+00:00'
    """
    return _DAY_OF_VERSION_0 + timedelta(days=version)


def version_of_date(date: datetime) -> int:
    """The version of a partition date, the inverse of :func:`date_of_version`; negative before 2000.

    >>> version_of_date(datetime(2000, 1, 4, tzinfo=UTC))
    3
    """
    return (date - _DAY_OF_VERSION_0).days


def version_argument(text: str) -> int:
    """A dataset version on a command line."""
    try:
        return parse_version(text)
    except VersionError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
