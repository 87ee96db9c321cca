"""How many posts each split gets."""

from __future__ import annotations

FULL = {"test": 1000, "dev": 500, "snorkel_train": 10_000}
"""Sizes in a full run; ``train`` gets the rest."""

ENOUGH = 2 * sum(FULL.values())
"""Unique posts from which the full sizes hold: at least half of them are left to train on."""


def split_sizes(posts: int) -> dict[str, int]:
    """Sizes of all splits but ``train`` for a number of unique posts.

    With fewer than ``ENOUGH`` posts all shrink in proportion: test is 1/23 of the posts, dev half of that,
    snorkel_train ten times that. None is empty as long as there is a post for each.

    >>> split_sizes(50_000)
    {'test': 1000, 'dev': 500, 'snorkel_train': 10000}
    >>> split_sizes(23_000) == FULL
    True
    >>> split_sizes(11_500)
    {'test': 500, 'dev': 250, 'snorkel_train': 5000}
    >>> split_sizes(10)
    {'test': 1, 'dev': 1, 'snorkel_train': 4}
    >>> split_sizes(0)
    {'test': 0, 'dev': 0, 'snorkel_train': 0}
    """
    if posts >= ENOUGH:
        return dict(FULL)
    return {name: max(size * posts // ENOUGH, min(posts, 1)) for name, size in FULL.items()}
