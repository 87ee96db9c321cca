"""Who the annotator is: by an OIDC login where one is configured, else by the name entered."""

from __future__ import annotations

import streamlit as st


def annotator() -> str | None:
    """The annotator's name, asked for in the sidebar; None until there is one.

    With a section ``[auth]`` in ``.streamlit/secrets.toml`` only a logged-in person gets in, under the
    e-mail address that the provider has verified.
    """
    with st.sidebar:
        if not login_configured():
            name = st.text_input("Your name", key="annotator", max_chars=80, bind="query-params").strip()
            return name or None
        if not st.user.get("is_logged_in"):
            st.button("Log in", on_click=st.login, type="primary", key="log_in")
            return None
        name = name_of(dict(st.user))
        st.text(f"Logged in as {name}")
        st.button("Log out", on_click=st.logout, key="log_out")
        return name


def login_configured() -> bool:
    """Whether the secrets name an OIDC provider; without a secrets file they don't."""
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        return False


def name_of(user: dict[str, object]) -> str:
    """The claim that identifies a user: the e-mail address unless it is unverified, else the subject.

    >>> name_of({"email": "ann@example.org", "sub": "7"})
    'ann@example.org'
    >>> name_of({"email": "boss@example.org", "email_verified": False, "sub": "7", "iss": "https://id"})
    '7 at https://id'
    """
    email = user.get("email")
    if email and user.get("email_verified") is not False:
        return str(email)
    return f"{user.get('sub')} at {user.get('iss')}"
