"""The stack's own passwords: none is given from outside."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_given_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests of servers in the same process give one by the environment, see the fixture ``settings``."""
    for server in ("POSTGRES", "KAFKA"):
        monkeypatch.delenv(f"TWEETSIEVE_{server}_PASSWORD", raising=False)
