from __future__ import annotations

from collections.abc import Callable

from include.streaming.scorers.adaptive_batch import HELD, SAMPLES, SMALLEST, AdaptiveBatch


def settled(size: AdaptiveBatch, seconds: Callable[[int], float], requests: int = 200) -> int:
    for _ in range(requests):
        size.answered(size.rows, seconds(size.rows))
    return size.rows


def test_it_grows_while_a_text_gets_cheaper() -> None:
    assert settled(AdaptiveBatch(4096), lambda size: 0.005 + size * 10e-6) == 4096


def test_it_goes_back_where_larger_requests_are_no_better() -> None:
    best = 1024
    assert (
        settled(AdaptiveBatch(4096), lambda size: 0.001 + size * (10e-6 if size <= best else 30e-6)) == best
    )


def test_it_tries_again_after_a_while() -> None:
    size = AdaptiveBatch(4096)
    settled(size, lambda size: size * 1e-5)
    assert size.rows == 1024
    assert settled(size, lambda size: 0.1 + size * 1e-5, HELD + 20 * SAMPLES) == 4096


def test_it_halves_at_a_timeout_and_never_leaves_its_bounds() -> None:
    size = AdaptiveBatch(4096)
    for _ in range(20):
        size.unanswered()
    assert size.rows == SMALLEST
    assert AdaptiveBatch(10).rows == 10
    tiny = AdaptiveBatch(1)
    tiny.unanswered()
    assert tiny.rows == 1


def test_requests_of_other_sizes_tell_nothing() -> None:
    size = AdaptiveBatch(4096)
    for _ in range(100):
        size.answered(3, 100.0)
    assert size.rows == 1024
