from __future__ import annotations

from collections.abc import Callable

from include.streaming.scorers.adaptive_batch import HELD, SAMPLES, SMALLEST, Pace


def settled(pace: Pace, seconds: Callable[[int], float], requests: int = 200) -> int:
    for _ in range(requests):
        pace.answered(pace.size, seconds(pace.size))
    return pace.size


def test_it_grows_while_a_text_gets_cheaper() -> None:
    assert settled(Pace(4096), lambda size: 0.005 + size * 10e-6) == 4096


def test_it_goes_back_where_larger_requests_are_no_better() -> None:
    best = 1024
    assert settled(Pace(4096), lambda size: 0.001 + size * (10e-6 if size <= best else 30e-6)) == best


def test_it_tries_again_after_a_while() -> None:
    pace = Pace(4096)
    settled(pace, lambda size: size * 1e-5)
    assert pace.size == 1024
    assert settled(pace, lambda size: 0.1 + size * 1e-5, HELD + 20 * SAMPLES) == 4096


def test_it_halves_at_a_timeout_and_never_leaves_its_bounds() -> None:
    pace = Pace(4096)
    for _ in range(20):
        pace.unanswered()
    assert pace.size == SMALLEST
    assert Pace(10).size == 10
    tiny = Pace(1)
    tiny.unanswered()
    assert tiny.size == 1


def test_requests_of_other_sizes_tell_nothing() -> None:
    pace = Pace(4096)
    for _ in range(100):
        pace.answered(3, 100.0)
    assert pace.size == 1024
