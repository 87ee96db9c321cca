from __future__ import annotations

import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest

from include.infra.processes.page_login import login_options
from include.settings import Settings

PROVIDER: dict[str, Any] = {
    "oidc_issuer": "https://id.example.org",
    "oidc_client_id": "tweetsieve",
    "oidc_client_secret": 'quo"ted\\ ü',
}


def login(settings: Settings, page: str, folder: Path) -> dict[str, str]:
    (flag,) = login_options(settings, page, folder)
    path = Path(flag.removeprefix("--secrets.files="))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return tomllib.loads(path.read_text(encoding="utf-8"))["auth"]


def test_without_a_provider_nothing_is_written(tmp_path):
    assert login_options(Settings(_env_file=None, state_dir=tmp_path), "tagger", tmp_path / "new") == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("page", ["tagger", "dashboard"])
def test_each_page_has_an_address_of_its_own_to_come_back_to(tmp_path, page):
    settings = Settings(_env_file=None, state_dir=tmp_path, tagger_port=1, dashboard_port=2, **PROVIDER)
    port = {"tagger": 1, "dashboard": 2}[page]
    found = login(settings, page, tmp_path / "logins")
    assert found["redirect_uri"] == f"http://localhost:{port}/oauth2callback"
    assert found["client_secret"] == PROVIDER["oidc_client_secret"]
    public = settings.model_copy(update={f"{page}_url": "https://pages.example.org/"})
    assert login(public, page, tmp_path / "logins")["redirect_uri"] == (
        "https://pages.example.org/oauth2callback"
    )


def test_the_cookies_secret_is_made_once_unless_it_is_given(tmp_path):
    settings = Settings(_env_file=None, state_dir=tmp_path, **PROVIDER)
    first = login(settings, "tagger", tmp_path)["cookie_secret"]
    assert len(first) > 40
    assert login(settings, "dashboard", tmp_path)["cookie_secret"] == first
    given = Settings(_env_file=None, state_dir=tmp_path, pages_secret="mine", **PROVIDER)
    assert login(given, "tagger", tmp_path)["cookie_secret"] == "mine"
