"""Keys that count once, and only on the page that they were pressed on.

The browser binds a new button's key shortly after it shows the button, and only then unbinds the key that
it replaces: a press in between triggers both (React runs effects after painting). So each key belongs to
the scene it was drawn in, only keys of the scene drawn last count, and a scene accepts one press.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import streamlit as st

SETTLED_SECONDS = 0.3
"""A key that writes counts only so long after its scene came: before, it is the second of a double press,
meant for the scene before. Nobody has read a post by then."""


def draw_scene(scene: str) -> str:
    """Make this the current scene, the only one whose keys count; returns its name."""
    if st.session_state.get("scene_drawn") != scene:
        st.session_state["scene_drawn"], st.session_state["scene_since"] = scene, time.monotonic()
    st.session_state["scene"] = scene
    return scene


def only_in(scene: str, act: Callable[..., None], *args: Any) -> None:
    """What a key calls: act, unless its scene is no longer the current one."""
    if st.session_state.get("scene") != scene:
        return
    st.session_state["scene"] = None  # until the page is drawn again
    act(*args)


def writes_in(scene: str, act: Callable[..., None], *args: Any) -> None:
    """What a key calls that writes an event: as ``only_in``, and not before the scene can have been seen."""
    if time.monotonic() - st.session_state.get("scene_since", 0.0) < SETTLED_SECONDS:
        notify("A second press, too soon for this post to have been read, was not counted.")
        return
    only_in(scene, act, *args)


def notice() -> str | None:
    """What went wrong at the last press, reported once."""
    told: str | None = st.session_state.pop("notice", None)
    return told


def notify(text: str) -> None:
    """Report it when the page is drawn next."""
    st.session_state["notice"] = text
