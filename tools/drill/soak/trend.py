"""Whether a figure is flat: by the slope of its second half, so that a start does not count as growth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

SHARE_PER_HOUR = 0.1
LEAST_PER_HOUR = {"rss": 50.0, "files": 100.0}
"""Growth within an hour that is none: this much, in MB or files, or that share of the figure's median."""

SWINGS = 3
"""A rise within so many times the figure's usual swing is none: it may come of where the samples fell."""

MOST_POINTS = 200
"""The slope is that of this many points at most: it takes their square."""


@dataclass(frozen=True)
class Trend:
    """How a figure goes.

    Attributes:
        first, last: at the beginning and the end.
        per_hour: the median slope of the second half (Theil and Sen), times an hour.
        flat: whether that is no growth; None for what grows with the messages, such as a table of results.
    """

    name: str
    first: float
    last: float
    per_hour: float
    flat: bool | None


def trend(name: str, times: Sequence[float], values: Sequence[float]) -> Trend:
    """The trend of a figure.

    >>> trend("rss/kafka", [0, 10, 20, 30, 40, 50], [100, 300, 400, 401, 400, 401]).flat
    True
    >>> trend("rss/leak", [0, 10, 20, 30, 40, 50], [100, 110, 120, 130, 140, 150]).flat
    False

    Args:
        times: seconds, in order; two at least.
    """
    half = len(times) // 2
    per_hour = 3600 * slope(times[half:], values[half:])
    kind = name.partition("/")[0]
    if kind not in LEAST_PER_HOUR:
        return Trend(name, values[0], values[-1], round(per_hour, 2), None)
    most = max(LEAST_PER_HOUR[kind], SHARE_PER_HOUR * median(values[half:]))
    rise = per_hour * (times[-1] - times[half]) / 3600
    flat = per_hour <= most or rise <= SWINGS * swing(times[half:], values[half:], per_hour / 3600)
    return Trend(name, values[0], values[-1], round(per_hour, 2), flat)


def swing(times: Sequence[float], values: Sequence[float], per_second: float) -> float:
    """How far the values usually are from a line of that slope.

    >>> swing([0, 1, 2, 3], [0, 1, 2, 3], 1.0), swing([0, 1, 2, 3], [5, -5, 5, -5], 0.0)
    (0.0, 5.0)
    """
    rests = [value - per_second * time for time, value in zip(times, values, strict=True)]
    middle = median(rests)
    return median(abs(rest - middle) for rest in rests)


def slope(times: Sequence[float], values: Sequence[float]) -> float:
    """The median slope between any two points: a single outlier moves it by nothing.

    >>> slope([0, 1, 2, 3], [0, 2, 4, 6]), slope([0, 1, 2, 3, 4], [5, 5, 500, 5, 5]), slope([0], [1])
    (2.0, 0.0, 0.0)
    """
    step = max(1, -(-len(times) // MOST_POINTS))
    points = list(zip(times[::step], values[::step], strict=True))
    slopes = [(b - a) / (t - s) for (s, a), (t, b) in combinations(points, 2) if t > s]
    return median(slopes) if slopes else 0.0
