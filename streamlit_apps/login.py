"""The login of both pages, by OpenID Connect: who is let in, under which name."""

from __future__ import annotations

import streamlit as st

from include.settings import get_settings
from include.text.person import groups_of, name_of


def login_configured() -> bool:
    """Whether there is a login: a section ``[auth]`` in Streamlit's secrets, which the settings make."""
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        return False


def person() -> str | None:
    """Who is logged in and let in; None where nobody is, and the page says what to do."""
    claims = dict(st.user)
    if not claims.get("is_logged_in"):
        st.info("Log in to begin.")
        st.button("Log in", on_click=st.login, type="primary", key="log_in")
        return None
    settings = get_settings()
    wanted = {group.strip() for group in settings.oidc_page_groups.split(",")} - {""}
    if wanted and not wanted & set(groups_of(claims, settings.oidc_groups_claim)):
        st.error("You are logged in, but in none of the groups that may use this page: ask who runs it.")
        st.button("Log out", on_click=st.logout, key="log_out")
        return None
    return name_of(claims)
