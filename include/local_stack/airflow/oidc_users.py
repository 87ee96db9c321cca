"""Airflow's users by OpenID Connect: the same name as on the pages, and their groups by the setting."""

from __future__ import annotations

from typing import Any

from airflow.providers.fab.auth_manager.security_manager.override import FabAirflowSecurityManagerOverride

from include.settings import get_settings
from include.text.person import groups_of, name_of


class OidcUsers(FabAirflowSecurityManagerOverride):
    """FAB's own reader goes by ``preferred_username``, which people may choose: another's, or ``admin``."""

    def get_oauth_user_info(self, provider: str, resp: dict[str, Any]) -> dict[str, Any]:
        """What Airflow keeps of a person, from the ID token's claims and those of the user info."""
        claims = dict(resp.get("userinfo") or {}) | dict(self.oauth_remotes[provider].userinfo(token=resp))
        name = name_of(claims)
        return {
            "username": name,
            "email": name,
            "first_name": str(claims.get("given_name", "")),
            "last_name": str(claims.get("family_name", "")),
            "role_keys": groups_of(claims, get_settings().oidc_groups_claim),
        }
