"""What the tagger asks of the browser itself: to remember a person's choices, and to be careful with keys."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, unquote

import streamlit as st

COOKIE = "tweetsieve_tagger"
LONGEST = 2_000
"""Characters of the cookie that are read; ours have a tenth of it."""

# Streamlit's shortcuts know the digits above the letters alone, and take a key that is held down for many
# presses. The listener is added once: it outlives every redraw of the page.
KEYS = """
if (!window.tweetsieveKeys) {
  window.tweetsieveKeys = true
  const buttons = {Numpad1: 'ai', Numpad2: 'not_ai'}
  window.addEventListener('keydown', event => {
    const writing = event.composedPath().some(
      place => /^(INPUT|TEXTAREA|SELECT)$/.test(place.tagName) || place.isContentEditable)
    if (writing || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.repeat && event.key.length === 1 && event.key !== ' ') return event.stopImmediatePropagation()
    if (/^[12]$/.test(event.key) && event.code in buttons)
      document.querySelector(`[class*="st-key-${buttons[event.code]}_"] button:enabled`)?.click()
  }, true)
}
"""


def remembered() -> dict[str, Any]:
    """What this browser was told to remember; empty at first, and where the cookie is none of ours."""
    cookie = st.context.cookies.get(COOKIE)
    if not isinstance(cookie, str):  # none, or AppTest's stand-in
        return {}
    try:
        found = json.loads(unquote(cookie[:LONGEST]))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def prepare(choices: dict[str, Any]) -> None:
    """Remember the choices until the browser is closed, and guard the keys.

    A cookie and not the address: an address is shared, and would make others label in one's name.
    """
    st.html(f"<script>{KEYS}{cookie_script(choices)}</script>", unsafe_allow_javascript=True)


def cookie_script(choices: dict[str, Any]) -> str:
    """The statement that sets the cookie; whatever the choices hold, its value is letters, digits and ``%``.

    >>> cookie_script({"annotator": "</script>'"})
    "document.cookie = 'tweetsieve_tagger=%7B%22annotator%22%3A%20%22%3C%2Fscript%3E%27%22%7D; path=/; \
SameSite=Strict'"
    """
    value = quote(json.dumps(choices), safe="")
    return f"document.cookie = '{COOKIE}={value}; path=/; SameSite=Strict'"
