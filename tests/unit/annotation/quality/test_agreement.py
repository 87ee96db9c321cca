"""Agreement of two and of more, with an interval that holds what it should."""

from __future__ import annotations

import math

import numpy as np
import pytest

from include.annotation.quality.agreement import ALPHA, KAPPA, agreement
from include.statistics.agreement import cohen_kappa, kappa_interval


def noisy(n: int, people: int, right: float = 0.85) -> dict[str, dict[str, int]]:
    draw = np.random.default_rng(5)
    truth = draw.integers(0, 2, n)
    labels = np.where(draw.random((people, n)) < right, truth, 1 - truth)
    return {str(text): {f"p{who}": int(labels[who, text]) for who in range(people)} for text in range(n)}


def test_two_people_are_measured_by_kappa_and_more_by_alpha() -> None:
    two, three = agreement(noisy(200, 2)), agreement(noisy(200, 3))
    assert two is not None
    assert three is not None
    assert (two.measure, three.measure) == (KAPPA, ALPHA)
    for found in (two, three):
        assert found.low < found.value < found.high
        assert found.high - found.low < 0.3
        # Two independent judges, each right 85 %: agree 0.745, by chance 0.5 -> 0.49
        assert found.value == pytest.approx(0.49, abs=0.15)


def test_more_texts_make_a_narrower_interval() -> None:
    few, many = agreement(noisy(50, 2)), agreement(noisy(800, 2))
    assert few is not None
    assert many is not None
    assert many.high - many.low < (few.high - few.low) / 2


def test_the_interval_of_kappa_is_that_of_drawing_texts_one_by_one() -> None:
    pairs = [tuple(labels.values()) for labels in noisy(100, 2).values()]
    draw = np.random.default_rng(9)
    slow = []
    for picks in draw.integers(0, 100, (1000, 100)):
        first, second = zip(*(pairs[pick] for pick in picks), strict=True)
        slow.append(cohen_kappa(first, second))
    first, second = zip(*pairs, strict=True)
    assert kappa_interval(first, second) == pytest.approx(np.quantile(slow, [0.025, 0.975]), abs=0.03)


def test_without_a_second_label_there_is_no_agreement() -> None:
    assert agreement({}) is None
    same = agreement({"a": {"ann": 1, "bob": 1}})
    assert same is not None
    assert math.isnan(same.value)
    assert math.isnan(same.low)
