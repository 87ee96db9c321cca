"""How people log in to Airflow where it has users and roles: the configuration that FAB's auth manager reads.

Flask takes each name in capitals (``AIRFLOW__FAB__CONFIG_FILE`` names this file). With a provider by OpenID
Connect in the settings, people log in there, and their groups decide their roles at each login. Without one
they log in by name and password, as users whom an administrator makes (``airflow users create``).
"""

from __future__ import annotations

from flask_appbuilder.const import AUTH_DB, AUTH_OAUTH

from include.local_stack.airflow.oidc_users import OidcUsers
from include.settings import get_settings

PROVIDER = "oidc"

_settings = get_settings()

AUTH_TYPE = AUTH_OAUTH if _settings.oidc else AUTH_DB
AUTH_USER_REGISTRATION = _settings.oidc
AUTH_USER_REGISTRATION_ROLE = "Public"  # who is in none of the groups may do nothing
AUTH_ROLES_SYNC_AT_LOGIN = True
AUTH_ROLES_MAPPING = {group: [role] for group, role in _settings.oidc_roles.items()}
WTF_CSRF_ENABLED = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _settings.airflow_url.startswith("https:")

if _settings.oidc:
    SECURITY_MANAGER_CLASS = OidcUsers
    OAUTH_PROVIDERS = [
        {
            "name": PROVIDER,
            "icon": "fa-key",
            "token_key": "access_token",
            "remote_app": {
                "client_id": _settings.oidc_client_id,
                "client_secret": _settings.oidc_client_secret.get_secret_value(),
                "server_metadata_url": _settings.oidc_metadata,
                "client_kwargs": {"scope": "openid email profile", "code_challenge_method": "S256"},
            },
        }
    ]
