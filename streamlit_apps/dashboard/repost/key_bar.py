"""The bar of keys: decisions, and the ways back and forth. It has the same buttons in every state."""

from __future__ import annotations

from typing import Any

import streamlit as st

from include.curation.cards import Card
from include.curation.posting import posts_itself
from include.curation.walk import Walk
from include.posts.share_pages import repost_page
from include.settings import get_settings
from streamlit_apps.dashboard.repost import keys
from streamlit_apps.scene import only_in, writes_in


def show_keys(walk: Walk, card: Card | None, curator: str, scene: str) -> None:
    """The decisions, which only whoever holds the card's lease can take."""
    mine = card is not None and walk.lease is not None
    args = (walk, card, curator)
    with st.container(horizontal=True, key="keys"):
        how: dict[str, Any] = {
            "key": f"repost_{scene}", "icon": ":material/repeat:", "shortcut": "P", "disabled": not mine,
            "width": "stretch", "on_click": writes_in,
            "args": (scene, keys.decide, *args, "repost", walk.lease),
        }  # fmt: skip
        if card and posts_itself(card, get_settings()):
            st.button("Repost", **how)
        else:
            st.link_button("Repost", repost_page(card.post_id, card.link) if card and mine else "#", **how)
        for name, action, icon, shortcut in (
            ("Hide", "hide", ":material/visibility_off:", "H"),
            ("Hide site", "hide_domain", ":material/domain_disabled:", "D"),
            ("Wrong", "wrong", ":material/thumb_down:", "W"),
        ):
            named = action != "hide_domain" or (card is not None and card.domain is not None)
            st.button(
                name, key=f"{action}_{scene}", icon=icon, shortcut=shortcut, disabled=not (mine and named),
                width="stretch", on_click=writes_in, args=(scene, keys.decide, *args, action, walk.lease),
            )  # fmt: skip


def show_moves(walk: Walk, card: Card | None, curator: str, scene: str) -> None:
    """Back, forth, open, undo."""
    with st.container(horizontal=True, key="moves"):
        for name, step, shortcut, off in (
            ("Previous", "back", "Left", walk.at == 0 and walk.first == 1),
            ("Next", "forth", "Right", card is None),
        ):
            st.button(
                name, key=f"{step}_{scene}", shortcut=shortcut, disabled=off, width="stretch",
                on_click=only_in, args=(scene, keys.move, walk, curator, step),
            )  # fmt: skip
        st.link_button(
            "Open", card.link if card else "#", key=f"open_{scene}", shortcut="O", disabled=card is None,
            width="stretch",
        )  # fmt: skip
        st.button(
            "Undo", key=f"undo_{scene}", shortcut="Z", width="stretch",
            on_click=only_in, args=(scene, keys.undo, walk, curator),
        )  # fmt: skip
