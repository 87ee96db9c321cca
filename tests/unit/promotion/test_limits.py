"""Limits of the settings."""

from __future__ import annotations

import pytest

from include.promotion.limits import InvalidLimits, PromotionLimits
from include.settings import Settings


def test_settings_replace_the_limits_that_they_name() -> None:
    limits = PromotionLimits.of(Settings(gate_limits={"min_recall": 0.7, "min_golden": 80}))
    assert (limits.min_recall, limits.min_golden) == (0.7, 80)
    assert limits.min_precision == PromotionLimits().min_precision


@pytest.mark.parametrize("given", [{"min_recal": 0.5}, {"min_recall": 1.5}, {"min_golden": 0.5}])
def test_an_unknown_or_impossible_limit_is_named(given: dict[str, float]) -> None:
    with pytest.raises(InvalidLimits, match=f"TWEETSIEVE_GATE_LIMITS has {next(iter(given))}:"):
        PromotionLimits.of(Settings(gate_limits=given))
