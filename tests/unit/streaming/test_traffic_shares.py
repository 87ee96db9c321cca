from __future__ import annotations

import numpy as np
import pytest

from include.streaming.traffic_shares import BadShares, share_of, shares_of

KEYS = [b"%d" % (1_246_000_000_000_000_000 + 4_194_304 * number) for number in range(50_000)]


def test_keys_fall_into_shares_in_proportion_and_always_alike() -> None:
    found = shares_of(KEYS, (0.2, 0.8))
    assert abs((found == 0).mean() - 0.2) < 0.01
    assert [share_of(key.decode(), (0.2, 0.8)) for key in KEYS[:200]] == found[:200].tolist()
    parts = np.bincount(shares_of(KEYS, (0.1, 0.2, 0.7)), minlength=3) / len(KEYS)
    assert np.abs(parts - [0.1, 0.2, 0.7]).max() < 0.01


def test_a_share_that_grows_keeps_its_messages() -> None:
    small, large = shares_of(KEYS, (0.2, 0.8)), shares_of(KEYS, (0.5, 0.5))
    assert not large[small == 0].any()


def test_a_share_of_nothing_and_strange_keys() -> None:
    assert set(shares_of(KEYS, (0.0, 1.0))) == {1}
    assert len(shares_of([b"", None, "日本".encode(), b"x" * 10_000], (0.5, 0.5))) == 4
    assert shares_of([], (0.5, 0.5)).shape == (0,)


@pytest.mark.parametrize("shares", [(), (0.5,), (0.5, 0.6), (-0.5, 1.5)])
def test_what_are_no_shares_is_refused(shares: tuple[float, ...]) -> None:
    with pytest.raises(BadShares, match="not parts of 1"):
        shares_of(KEYS[:3], shares)
