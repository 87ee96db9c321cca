"""The pages' login by OpenID Connect, in the file that Streamlit reads it from."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from include.infra.processes.secret_files import kept, write, write_private
from include.settings import Settings

COOKIES = "cookie_secret"


def login_options(settings: Settings, page: str, folder: Path) -> list[str]:
    """Streamlit's flags for a page's login; none where no provider is configured.

    Args:
        page: ``tagger``, ``dashboard`` or ``inbox``.
        folder: where the file with the client's secret is kept, readable by its owner alone.
    """
    if not settings.oidc:
        return []
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder.absolute() / f"{page}-login.toml"
    write_private(path, _toml(_login(settings, page)))
    return [f"--secrets.files={path}"]


def _login(settings: Settings, page: str) -> dict[str, str]:
    """As ``st.login`` takes it: https://docs.streamlit.io/develop/api-reference/user/st.login."""
    port = getattr(settings, f"{page}_port")
    url = getattr(settings, f"{page}_url") or f"http://localhost:{port}"
    return {
        "redirect_uri": f"{url.rstrip('/')}/oauth2callback",
        COOKIES: settings.pages_secret.get_secret_value() or _generated(settings),
        "client_id": settings.oidc_client_id,
        "client_secret": settings.oidc_client_secret.get_secret_value(),
        "server_metadata_url": settings.oidc_metadata,
    }


def renew_cookie_secret(settings: Settings) -> None:
    """Another secret for the cookies, which a page uses from its next start; cookies of before are void."""
    write(_kept_in(settings), {COOKIES: _new_secret()})


def _generated(settings: Settings) -> str:
    return kept(_kept_in(settings), {COOKIES: _new_secret})[COOKIES]


def _kept_in(settings: Settings) -> Path:
    path = settings.state_dir.absolute() / "secrets" / "pages.json"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _new_secret() -> str:
    return secrets.token_urlsafe(48)


def _toml(login: dict[str, str]) -> str:
    """A section of texts; TOML's basic strings are escaped as JSON's are."""
    return "[auth]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in login.items())
