from __future__ import annotations

import numpy as np
import pytest

from include.streaming.traffic_shares import BadShares, share_of, shares_of

IDS = [str(1_246_000_000_000_000_000 + 4_194_304 * number) for number in range(50_000)]


def test_posts_fall_into_shares_in_proportion_and_always_alike() -> None:
    found = shares_of(IDS, (0.2, 0.8))
    assert abs((found == 0).mean() - 0.2) < 0.01
    assert [share_of(post, (0.2, 0.8)) for post in IDS[:200]] == found[:200].tolist()
    parts = np.bincount(shares_of(IDS, (0.1, 0.2, 0.7)), minlength=3) / len(IDS)
    assert np.abs(parts - [0.1, 0.2, 0.7]).max() < 0.01


def test_a_share_that_grows_keeps_its_posts() -> None:
    small, large = shares_of(IDS, (0.2, 0.8)), shares_of(IDS, (0.5, 0.5))
    assert not large[small == 0].any()


def test_a_share_of_nothing_and_hostile_ids() -> None:
    assert set(shares_of(IDS, (0.0, 1.0))) == {1}
    assert len(shares_of(["", "\ud800", "日本", "x" * 10_000], (0.5, 0.5))) == 4
    assert shares_of([], (0.5, 0.5)).shape == (0,)


@pytest.mark.parametrize("shares", [(), (0.5,), (0.5, 0.6), (-0.5, 1.5)])
def test_what_are_no_shares_is_refused(shares: tuple[float, ...]) -> None:
    with pytest.raises(BadShares, match="not parts of 1"):
        shares_of(IDS[:3], shares)


@pytest.mark.stack
def test_postgres_tells_the_same_share(connection) -> None:
    row = connection.execute(
        "SELECT array_agg(crc32(convert_to(id, 'UTF8')) < 0.2 * 4294967296 ORDER BY n)"
        " FROM unnest(%s::text[]) WITH ORDINALITY AS ids (id, n)", [IDS[:500]],
    ).fetchone()  # fmt: skip
    assert row[0] == (shares_of(IDS[:500], (0.2, 0.8)) == 0).tolist()
