"""The settings of who may log in, by OpenID Connect: part of :class:`include.settings.Settings`."""

from __future__ import annotations

import json
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

ROLES = ("Viewer", "User", "Op", "Admin")
"""Airflow's own roles, from the least rights to the most.

https://airflow.apache.org/docs/apache-airflow-providers-fab/stable/auth-manager/access-control.html
"""


class LoginSettings(BaseSettings):
    """One provider for Airflow and both pages; without one, Airflow has users of its own."""

    oidc_issuer: str = Field(
        "",
        description="Address of the OpenID Connect provider; its metadata are below it, in"
        " .well-known/openid-configuration. Empty: no such login.",
    )
    oidc_client_id: str = Field("", description="What the provider calls this installation.")
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="What this installation tells the provider to be known by it."
    )
    oidc_groups_claim: str = Field(
        "groups", description="The claim that lists a person's groups, in the ID token or the user info."
    )
    oidc_roles: Annotated[dict[str, str], NoDecode] = Field(
        {},
        description="Airflow's role by group, as JSON: Viewer, User, Op or Admin. Who is in none of them may"
        " see and do nothing.",
    )
    oidc_page_groups: str = Field(
        "",
        description="Groups that may use the tagger and the dashboard, separated by commas; empty: everybody"
        " whom the provider lets in.",
    )
    pages_secret: SecretStr = Field(
        SecretStr(""),
        description="Signs the pages' login cookies; empty: generated, and kept in the state folder.",
    )
    airflow_url: str = Field("", description="Where people reach Airflow, behind a proxy for instance.")
    tagger_url: str = Field(
        "", description="Where people reach the tagger; the provider sends them back there."
    )
    dashboard_url: str = Field("", description="Where people reach the dashboard; likewise.")
    inbox_url: str = Field("", description="Where people reach the inbox; likewise.")

    @property
    def oidc(self) -> bool:
        """Whether a provider is configured."""
        return bool(self.oidc_issuer)

    @property
    def oidc_metadata(self) -> str:
        """The address of the provider's metadata (OpenID Connect Discovery 1.0, section 4)."""
        return self.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration"

    @field_validator("oidc_issuer", "airflow_url", "tagger_url", "dashboard_url", "inbox_url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        """HTTP without TLS is left to whoever runs everything on one machine."""
        if not url:
            return url
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("Input should be an address such as https://id.example.org, without ? and #")
        return url

    @field_validator("oidc_roles", mode="before")
    @classmethod
    def _roles_by_group(cls, value: object) -> object:
        """Empty means none, as where docker compose fills in a variable that is not set."""
        if not isinstance(value, str):
            return value
        try:
            roles = json.loads(value or "{}")
        except ValueError:
            roles = None
        if not isinstance(roles, dict) or not set(map(str, roles.values())) <= set(ROLES):
            raise ValueError(
                f"TWEETSIEVE_OIDC_ROLES is not a JSON object of one of {', '.join(ROLES)} by group, such as"
                ' {"editors": "User"}'
            )
        return roles

    @model_validator(mode="after")
    def _whole_or_not_at_all(self) -> Self:
        """Half a login would be found out by the first person who tries it."""
        parts = {
            "TWEETSIEVE_OIDC_ISSUER": self.oidc_issuer,
            "TWEETSIEVE_OIDC_CLIENT_ID": self.oidc_client_id,
            "TWEETSIEVE_OIDC_CLIENT_SECRET": self.oidc_client_secret.get_secret_value(),
        }
        missing = [name for name, value in parts.items() if not value]
        if 0 < len(missing) < len(parts):
            raise ValueError(
                f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} empty: a login by OpenID"
                " Connect needs issuer, client id and client secret"
            )
        return self
