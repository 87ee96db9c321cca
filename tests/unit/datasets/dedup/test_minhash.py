from __future__ import annotations

import numpy as np

from include.datasets.dedup.minhash import bands, shingles


def _pair(shared: int, own: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two sets with ``shared`` elements in common and ``own`` more each."""
    values = np.random.default_rng(seed).integers(-(2**62), 2**62, shared + 2 * own)
    return values[: shared + own], np.concatenate([values[:shared], values[shared + own :]])


def _found(shared: int, own: int) -> float:
    """Share of such pairs that become candidates."""
    sets = [side for seed in range(200) for side in _pair(shared, own, seed)]
    starts = np.cumsum([0, *map(len, sets)])[:-1]
    keys = bands(np.concatenate(sets), starts)
    return float((keys[::2] == keys[1::2]).any(axis=1).mean())


def test_similar_sets_are_found_and_others_seldom() -> None:
    assert _found(14, 3) > 0.95  # Jaccard 0.7: expected 0.99
    assert _found(18, 1) == 1.0
    assert _found(2, 9) < 0.05  # Jaccard 0.1: expected 0.002


def test_a_set_has_the_same_bands_in_any_company() -> None:
    one, two = (
        shingles(["the", "quick", "brown", "fox", "jumps"]),
        shingles(["an", "entirely", "different", "text", "here"]),
    )
    alone = bands(two, np.array([0]))
    assert (bands(np.concatenate([one, two]), np.array([0, len(one)]))[1] == alone[0]).all()


def test_shingles_do_not_depend_on_the_process() -> None:
    assert shingles(["a", "b", "c", "d", "e"])[0] == -8415518722923292084


def test_repeated_words_are_few_shingles() -> None:
    assert len(shingles(["ha"] * 50)) == 0
