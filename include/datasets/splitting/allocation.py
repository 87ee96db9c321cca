"""Filling splits with whole groups, most of them a bucket at a time.

Groups have a fixed random order, and are cut into buckets along it. Splits are filled in turn along
the order: a bucket that fits the split at hand goes there whole, and only the bucket in which a
split becomes full is looked into. Each of its groups goes to the first split with room for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

BUCKET_GROUPS = 256
"""Groups of a bucket, at most, on average: so many are looked into at a boundary."""

TRIES = 3
"""Buckets looked into for a split before it is left with the gap that no group of theirs fits."""


@dataclass
class Filled:
    """Which split whole buckets and single groups belong to; all others belong to ``train``."""

    buckets: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)


def digits(groups: int) -> int:
    """Hexadecimal digits of a bucket's name: as many buckets as ``BUCKET_GROUPS`` asks for, at most 65,536.

    >>> digits(0), digits(256), digits(257), digits(5_000_000)
    (0, 0, 1, 4)
    """
    return min(4, next(n for n in range(99) if groups <= BUCKET_GROUPS * 16**n))


def fill(
    sizes: Mapping[str, int],
    groups_of: Callable[[str], Iterable[tuple[str, int]]],
    wanted: Mapping[str, int],
) -> Filled:
    """Choose buckets and groups for the splits ``wanted``, in their order.

    Args:
        sizes: posts by bucket.
        groups_of: the groups of a bucket with their sizes, in their order.
        wanted: posts by split.

    A split gets exactly what is wanted where groups allow; else it lacks less than the smallest
    group it was offered and had no room for.

    >>> filled = fill({"0": 3, "1": 4}, {"1": [("big", 3), ("one", 1)]}.__getitem__, {"test": 4})
    >>> filled.buckets, filled.groups
    ({'0': 'test'}, {'one': 'test'})
    """
    filled, room, tries = Filled(), dict(wanted), dict.fromkeys(wanted, TRIES)
    for bucket in sorted(sizes):
        split = next((name for name in room if room[name] and tries[name]), None)
        if split is None:
            break
        if sizes[bucket] <= room[split]:
            filled.buckets[bucket] = split
            room[split] -= sizes[bucket]
            continue
        tries[split] -= 1
        for group, size in groups_of(bucket):
            _place(group, size, room, filled)
    return filled


def _place(group: str, size: int, room: dict[str, int], filled: Filled) -> None:
    split = next((name for name in room if room[name] >= size), None)
    if split is not None:
        filled.groups[group] = split
        room[split] -= size
