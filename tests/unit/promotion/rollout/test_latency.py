"""When a version counts as slow: not by one busy moment, and by the limits of the settings."""

from __future__ import annotations

import pytest

from include.promotion.limits import PromotionLimits
from include.promotion.rollout.latency import LatencyComparison
from include.serving.client import ServingClient

LIMITS = PromotionLimits()


class Server(ServingClient):
    """What a request to each version takes, in place of a model server."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **milliseconds: float) -> None:
        self.asked: list[int] = []
        self._milliseconds = {int(name[1:]): taken for name, taken in milliseconds.items()}
        monkeypatch.setattr("include.promotion.rollout.latency.request_ms", self._request_ms)

    def _request_ms(self, client: object, texts: list[str], version: int) -> float:
        self.asked.append(version)
        return self._milliseconds[version]


def test_both_versions_are_asked_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(monkeypatch, v1=4, v2=9)
    assert LatencyComparison.measure(server, (1, 2), ["a", "b"]) == LatencyComparison([4, 4], [9, 9])
    assert server.asked == [1, 2, 1, 2]


@pytest.mark.parametrize(("new", "slow"), [(4.0, False), (75.0, True)])
def test_what_looks_slow_is_measured_a_second_time(
    monkeypatch: pytest.MonkeyPatch, new: float, slow: bool
) -> None:
    server = Server(monkeypatch, v1=4, v2=new)
    busy = LatencyComparison([1.0] * 20, [400.0] * 20)
    assert bool(busy.confirmed(server, (1, 2), ["a", "b", "c"], LIMITS).too_slow(LIMITS)) == slow
    assert len(server.asked) == 6


def test_what_is_quick_is_not_measured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    server, quick = Server(monkeypatch), LatencyComparison([1.0], [2.0])
    assert quick.confirmed(server, (1, 2), ["a"], LIMITS) is quick
    assert server.asked == []


@pytest.mark.parametrize(
    ("limits", "slow"),
    [
        ({}, True),
        ({"max_latency_ratio": 5}, False),
        ({"latency_unnoticed_ms": 100}, False),
        ({"max_latency_ratio": 5, "latency_unnoticed_ms": 100}, False),
    ],
)
def test_the_limits_are_those_of_the_settings(limits: dict[str, float], slow: bool) -> None:
    taken = LatencyComparison([20.0] * 20, [80.0] * 20)
    assert bool(taken.too_slow(PromotionLimits(**limits))) == slow
