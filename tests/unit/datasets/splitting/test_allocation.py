from __future__ import annotations

import itertools
import random
from collections import defaultdict

import pytest

from include.datasets.splitting.allocation import allocate
from include.datasets.splitting.sizes import ENOUGH, split_sizes

WANTED = {"test": 100, "dev": 50, "snorkel_train": 1000}


def filled_sizes(sizes: list[int], wanted: dict[str, int]) -> tuple[dict[str, int], int]:
    """Posts by split, and how many buckets were looked into."""
    chance = random.Random(7)
    buckets: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for group, size in enumerate(sizes):
        buckets[f"{chance.randrange(64):02x}"].append((f"g{group}", size))
    looked = []

    def groups_of(bucket: str) -> list[tuple[str, int]]:
        looked.append(bucket)
        return buckets[bucket]

    counts = {bucket: sum(size for _, size in groups) for bucket, groups in buckets.items()}
    allocation = allocate(counts, groups_of, wanted)
    found = dict.fromkeys(wanted, 0)
    for bucket, groups in buckets.items():
        for name, size in groups:
            split = allocation.buckets.get(bucket) or allocation.groups.get(name)
            if split:
                found[split] += size
    return found, len(looked)


@pytest.mark.parametrize("seed", range(20))
def test_exact_where_single_posts_are_about(seed: int) -> None:
    sizes = random.Random(seed).choices([1, 1, 1, 2, 5, 60], k=2000)
    found, looked = filled_sizes(sizes, WANTED)
    assert found == WANTED
    assert looked <= 4


@pytest.mark.parametrize("sizes", [[2] * 3000, [3] * 3000, [7] * 900, [101] * 50])
def test_lacks_less_than_a_group_and_does_not_look_into_everything(sizes: list[int]) -> None:
    found, looked = filled_sizes(sizes, WANTED)
    assert all(0 <= WANTED[name] - found[name] < max(sizes) or max(sizes) > WANTED[name] for name in WANTED)
    assert looked <= 9


def test_one_group_of_everything_is_left_to_train() -> None:
    assert filled_sizes([5000], WANTED)[0] == dict.fromkeys(WANTED, 0)


def test_sizes_never_shrink_as_posts_grow() -> None:
    sizes = [tuple(split_sizes(posts).values()) for posts in range(0, ENOUGH + 50, 7)]
    assert all(
        a <= b for before, after in itertools.pairwise(sizes) for a, b in zip(before, after, strict=True)
    )
    assert all(sum(split_sizes(posts).values()) <= max(posts / 2 + 3, 3) for posts in range(ENOUGH))
