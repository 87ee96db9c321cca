from __future__ import annotations

from typing import Any

import pytest

from include.settings import Settings

PROVIDER: dict[str, Any] = {
    "oidc_issuer": "https://id.example.org/realms/news/",
    "oidc_client_id": "tweetsieve",
    "oidc_client_secret": "secret",
}


def test_there_is_no_such_login_by_itself():
    assert not Settings(_env_file=None).oidc


def test_the_metadata_are_below_the_issuer():
    settings = Settings(_env_file=None, **PROVIDER)
    assert settings.oidc
    assert settings.oidc_metadata == "https://id.example.org/realms/news/.well-known/openid-configuration"


@pytest.mark.parametrize("missing", PROVIDER)
def test_half_a_login_is_refused_by_the_name_of_what_is_missing(missing):
    with pytest.raises(ValueError, match=f"TWEETSIEVE_{missing.upper()} is empty") as refused:
        Settings(_env_file=None, **PROVIDER | {missing: ""})
    told = str(refused.value)
    assert all(f"TWEETSIEVE_{name.upper()} is" not in told for name in PROVIDER.keys() - {missing})


@pytest.mark.parametrize(
    "roles", ["[]", "{", '{"editors": "Root"}', '{"editors": 1}', '{"editors": ["User"]}']
)
def test_a_role_that_airflow_has_not_is_refused(monkeypatch, roles):
    monkeypatch.setenv("TWEETSIEVE_OIDC_ROLES", roles)
    with pytest.raises(ValueError, match=r"TWEETSIEVE_OIDC_ROLES .* Viewer, User, Op, Admin"):
        Settings(_env_file=None)


def test_roles_are_read_by_group(monkeypatch):
    monkeypatch.setenv("TWEETSIEVE_OIDC_ROLES", '{"editors": "User", "ops": "Admin"}')
    assert Settings(_env_file=None).oidc_roles == {"editors": "User", "ops": "Admin"}
    monkeypatch.setenv("TWEETSIEVE_OIDC_ROLES", "")
    assert Settings(_env_file=None).oidc_roles == {}


@pytest.mark.parametrize("name", ["oidc_issuer", "airflow_url", "tagger_url", "dashboard_url"])
@pytest.mark.parametrize(
    "url", ["id.example.org", "ftp://id.example.org", "https://", "https://a.example/?b=c"]
)
def test_an_address_is_one_of_the_web(name, url):
    with pytest.raises(ValueError, match="address such as"):
        Settings(_env_file=None, **PROVIDER | {name: url})
