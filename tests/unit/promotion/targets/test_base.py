"""The target that the settings name."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.promotion.errors import PromotionError
from include.promotion.targets.base import make_target
from include.settings import Settings


def test_an_unknown_target_is_named(tmp_path: Path) -> None:
    with pytest.raises(PromotionError, match="'moon' is unknown"):
        make_target(Settings(state_dir=tmp_path, promotion_target="moon"))
