"""Who the annotator is: by an OIDC login where one is configured, else by the name entered."""

from __future__ import annotations

import unicodedata

import streamlit as st

from include.datasets.golden_files import MAX_ANNOTATOR
from streamlit_apps.login import login_configured, person


def annotator(known: str | None) -> str | None:
    """The annotator's name, asked for in the middle of the page; None until there is one.

    With a login only a logged-in person gets in, under the e-mail address that the provider has verified.

    Args:
        known: the name that this session, or this browser, has entered before; no login ever uses it.
    """
    if login_configured():
        return person()
    try:
        return as_name(known or "")
    except ValueError:
        return _asked_for()


def _asked_for() -> str | None:
    """The name from a form, which is gone when there is one: no text box is left to take the keys."""
    with st.form("who", width=420):
        given = st.text_input("Your name", key="name")  # no max_chars: it ignores a longer paste in silence
        sent = st.form_submit_button("Begin", key="begin", type="primary")
    if not sent:
        st.info("Enter your name to begin. Your labels are kept under it.")
        return None
    try:
        return as_name(given)
    except ValueError as refused:
        st.error(str(refused))
        return None


def as_name(given: str) -> str:
    """A name in one spelling, so that one person is not two.

    >>> as_name("  Ann   Lee ")
    'Ann Lee'

    Raises:
        ValueError: it is empty, too long, or holds characters that nobody can see.
    """
    name = " ".join(unicodedata.normalize("NFC", given).split())
    if not name:
        raise ValueError("A name is needed: enter yours.")
    if len(name) > MAX_ANNOTATOR:
        raise ValueError(f"A name has {MAX_ANNOTATOR} characters at most; this one has {len(name)}.")
    hidden = [char for char in name if not char.isprintable()]
    if hidden:
        raise ValueError(f"The name holds the invisible character U+{ord(hidden[0]):04X}: type it anew.")
    return name
