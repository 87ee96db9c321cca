"""Times as the sources write them."""

from __future__ import annotations

from datetime import UTC, datetime

_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, start=1)}
_YEARS = range(1970, 2262)  # what a nanosecond timestamp can hold: pandas and Arrow read them later


def x_v1_time(value: object) -> datetime | None:
    """Read v1.1's time; None where it is none.

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
    """Read an ISO 8601 time; one without a zone is taken as UTC.

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
    """Read Jetstream's microseconds since 1970.

    >>> microseconds_time(1586083604000000).isoformat()
    '2020-04-05T10:46:44+00:00'
    """
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 9_000_000_000_000_000:
        return None
    return datetime.fromtimestamp(value / 1_000_000, UTC)
