"""The page has its own role's rights."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from include.settings import get_settings


@pytest.fixture(autouse=True)
def own_role(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TWEETSIEVE_DATABASE_ROLE", "dashboard")
    get_settings.cache_clear()
    yield
    monkeypatch.undo()
    get_settings.cache_clear()
