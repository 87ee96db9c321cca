"""When a version counts as slow: not by one busy moment."""

from __future__ import annotations

import time

import pytest

from include.promotion.rollout.latency import SLOW_MS, confirmed, too_slow


class Server:
    """Answers at once, but for one version."""

    def __init__(self, slow_version: int | None) -> None:
        self.slow_version, self.asked = slow_version, 0

    def predict(self, texts: list[str], *, version: int) -> None:
        self.asked += 1
        if version == self.slow_version:
            time.sleep(SLOW_MS / 1000 * 1.5)


@pytest.mark.parametrize(("slow_version", "slow"), [(None, False), (2, True)])
def test_what_looks_slow_is_asked_once_more(slow_version: int | None, slow: bool) -> None:
    server = Server(slow_version)
    found = confirmed(server, (1, 2), ["a", "b", "c"], old=[1.0] * 20, new=[400.0] * 20)
    assert bool(too_slow(*found)) == slow
    assert server.asked == 6


def test_what_is_quick_is_asked_nothing_more() -> None:
    server = Server(None)
    assert confirmed(server, (1, 2), ["a"], old=[1.0], new=[2.0]) == [[1.0], [2.0]]
    assert server.asked == 0
