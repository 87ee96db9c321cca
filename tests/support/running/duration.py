"""A word in time about a CI run that takes long."""

from __future__ import annotations

WARN_MINUTES, LIMIT_MINUTES = 40, 90


def warning(seconds: float) -> str | None:
    """What to print at the end of a run of so many seconds; None where it was short enough.

    >>> warning(39 * 60)
    >>> warning(41 * 60)
    'warning: this CI run took 41 minutes; it is ended at 90. See the slowest tests above.'
    """
    minutes = seconds / 60
    if minutes <= WARN_MINUTES:
        return None
    return (
        f"warning: this CI run took {minutes:.0f} minutes; it is ended at {LIMIT_MINUTES}. "
        "See the slowest tests above."
    )
