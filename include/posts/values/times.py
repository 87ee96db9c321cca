"""Times in the formats of the sources."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, start=1)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS = range(1970, 2262)  # what a nanosecond timestamp can hold: pandas and Arrow read them later


def x_v1_time(value: object) -> datetime | None:
    """Parse a time of v1.1; None if it is not one.

    >>> x_v1_time("Sun Apr 05 10:46:44 +0000 2020")
    datetime.datetime(2020, 4, 5, 10, 46, 44, tzinfo=datetime.timezone.utc)
    """
    if not isinstance(value, str) or len(value) != 30 or value[19:26] != " +0000 ":
        return iso_time(value)
    try:
        month, day, year = _MONTHS[value[4:7]], int(value[8:10]), int(value[26:])
        time = datetime(year, month, day, int(value[11:13]), int(value[14:16]), int(value[17:19]), tzinfo=UTC)
    except (KeyError, ValueError):
        return None
    return time if time.year in _YEARS else None


def iso_time(value: object) -> datetime | None:
    """Parse an ISO 8601 time; without a zone it is taken as UTC.

    >>> iso_time("2020-04-05T12:46:44.000+02:00")
    datetime.datetime(2020, 4, 5, 10, 46, 44, tzinfo=datetime.timezone.utc)
    """
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        time = datetime.fromisoformat(value)
        time = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return time if time.year in _YEARS else None


def microseconds_time(value: object) -> datetime | None:
    """Parse Jetstream's microseconds since 1970.

    >>> microseconds_time(1586083604000000).isoformat()
    '2020-04-05T10:46:44+00:00'
    """
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 9_000_000_000_000_000:
        return None
    return datetime.fromtimestamp(value / 1_000_000, UTC)


def microseconds(time: datetime | None) -> int | None:
    """Microseconds since 1970 of an aware time."""
    return None if time is None else (time - _EPOCH) // timedelta(microseconds=1)


_MINUTES = {f"{minute:02}:": minute * 60_000_000 for minute in range(60)}
_SECONDS = {f"{second:02}": second * 1_000_000 for second in range(60)}
"""Exactly two digits, unlike what ``int`` accepts."""


def iso_microseconds(value: str | None) -> int | None:
    """The same as ``microseconds(iso_time(value))``, faster for times in X's format.

    >>> iso_microseconds("2020-04-05T10:46:44.000Z")
    1586083604000000
    """
    if value and value[19:] in (".000Z", "Z"):
        start = _iso_hour(value[:14])
        minute, second = _MINUTES.get(value[14:17]), _SECONDS.get(value[17:19])
        if start is not None and minute is not None and second is not None:
            return start + minute + second
    return microseconds(iso_time(value))


def v1_microseconds(value: str | None) -> int | None:
    """The same as ``microseconds(x_v1_time(value))``, faster.

    >>> v1_microseconds("Sun Apr 05 10:46:44 +0000 2020")
    1586083604000000
    """
    if value and len(value) == 30 and value[19:26] == " +0000 ":
        start = _v1_hour(value[:14] + value[26:])
        minute, second = _MINUTES.get(value[14:17]), _SECONDS.get(value[17:19])
        if start is not None and minute is not None and second is not None:
            return start + minute + second
    return microseconds(x_v1_time(value))


@lru_cache(maxsize=4096)
def _iso_hour(begin: str) -> int | None:
    """``begin`` such as ``2020-04-05T10:``."""
    return microseconds(iso_time(begin + "00:00Z"))


@lru_cache(maxsize=4096)
def _v1_hour(begin: str) -> int | None:
    """``begin`` such as ``Sun Apr 05 10:2020``."""
    return microseconds(x_v1_time(f"{begin[:14]}00:00 +0000 {begin[14:]}"))
