"""Allocation of whole groups to splits, most of them a bucket at a time.

Groups have a fixed random order, which is cut into buckets. Splits are allocation one after the other in that
order: a bucket that fits into the current split goes there as a whole, and only the bucket in which a split
becomes full is looked into. Each of its groups goes to the first split with room for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

BUCKET_GROUPS = 256
"""The average number of groups in a bucket, at most; so many are looked into at a boundary."""

TRIES = 3
"""Buckets that are looked into for a split before it is left short."""


@dataclass
class Allocation:
    """The split of whole buckets and of single groups; all others belong to ``train``."""

    buckets: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)


def digits(groups: int) -> int:
    """Hexadecimal digits of a bucket's name: enough for buckets of ``BUCKET_GROUPS``, at most 65,536 of them.

    >>> digits(0), digits(256), digits(257), digits(5_000_000)
    (0, 0, 1, 4)
    """
    return min(4, next(n for n in range(99) if groups <= BUCKET_GROUPS * 16**n))


def allocate(
    sizes: Mapping[str, int],
    groups_of: Callable[[str], Iterable[tuple[str, int]]],
    wanted: Mapping[str, int],
) -> Allocation:
    """Choose buckets and groups for the splits ``wanted``, in their order.

    Args:
        sizes: posts by bucket.
        groups_of: the groups of a bucket with their sizes, in their order.
        wanted: posts by split.

    A split gets exactly the wanted number where groups allow; else it falls short by less than the smallest
    group that did not fit.

    >>> allocation = allocate({"0": 3, "1": 4}, {"1": [("big", 3), ("one", 1)]}.__getitem__, {"test": 4})
    >>> allocation.buckets, allocation.groups
    ({'0': 'test'}, {'one': 'test'})
    """
    allocation, room, tries = Allocation(), dict(wanted), dict.fromkeys(wanted, TRIES)
    for bucket in sorted(sizes):
        split = next((name for name in room if room[name] and tries[name]), None)
        if split is None:
            break
        if sizes[bucket] <= room[split]:
            allocation.buckets[bucket] = split
            room[split] -= sizes[bucket]
            continue
        tries[split] -= 1
        for group, size in groups_of(bucket):
            _place(group, size, room, allocation)
    return allocation


def _place(group: str, size: int, room: dict[str, int], allocation: Allocation) -> None:
    split = next((name for name in room if room[name] >= size), None)
    if split is not None:
        allocation.groups[group] = split
        room[split] -= size
