"""What a key press does; state of one browser session beside it.

The browser binds a drawn key some moments after it shows it, and frees the key it replaces only then: one
press in between fires both (React runs effects after it paints). So each key belongs to the scene it was
drawn in, only keys of the scene that was drawn last count, and a scene takes one press.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psycopg
import streamlit as st

from include.annotation.labels import events
from include.annotation.queues.item import Item
from include.annotation.queues.leases import LeaseLost
from include.annotation.service import Hand
from streamlit_apps.tagger.session import open_desk

Key = tuple[str, str, events.Action, int | None]
_KEYS: tuple[Key, ...] = (
    ("AI", "1", "label", 1),
    ("Not AI", "2", "label", 0),
    ("Skip", "S", "skip", None),
    ("Flag", "F", "flag", None),
)


def keys_of(item: Item) -> list[Key]:
    """Name, key, action and label of the verdicts; an adjudicator's label is an adjudication."""
    decides = item.queue == "adjudication"
    return [
        (name, key, "adjudicate" if decides and label is not None else action, label)
        for name, key, action, label in _KEYS
    ]


def draw_scene(scene: str) -> str:
    """From now on the keys of this scene count, and no others; its name."""
    st.session_state["scene"] = scene
    return scene


def only_in(scene: str, act: Callable[..., None], *args: Any) -> None:
    """What a key calls: act, unless its scene is no longer the one before the annotator."""
    if st.session_state.get("scene") != scene:
        return
    st.session_state["scene"] = None  # until the page is drawn anew
    act(*args)


def first_shown(hand: Hand) -> None:
    """Remember when an item was first seen, and what stood beside it."""
    item = hand.item
    if item is None or item.lease_id in st.session_state.get("seen", {}):
        return
    shown: dict[str, Any] = {"keywords": list(item.keywords)} if item.keywords else {}
    shown |= hand.suggestion.logged() if hand.suggestion else {}
    st.session_state["seen"] = {item.lease_id: (time.monotonic(), shown)}


def press(item: Item, action: events.Action, label: int | None) -> None:
    """Record a press; a second press on the same item finds its lease used and does nothing."""
    shown_at, shown = st.session_state.get("seen", {}).get(item.lease_id, (time.monotonic(), {}))
    milliseconds = min(int((time.monotonic() - shown_at) * 1000), 2**31 - 1)
    try:
        open_desk().record(item, action, label, shown=shown, milliseconds=milliseconds)
    except LeaseLost as lost:
        _notify(str(lost))
    except psycopg.Error:
        _notify("Not saved: the database did not take it. Press again.")


def take_back(annotator: str, event: int | None) -> None:
    """Undo the annotator's event, and no other; its post is in hand again."""
    step_to(0)
    try:
        if open_desk().undo(annotator, event) is None:
            _notify("There was nothing to undo.")
    except psycopg.Error:
        _notify("Not undone: the database did not take it. Press again.")


def leave_item(annotator: str, version: int) -> None:
    """Turning to another queue: the item in hand goes back to the others."""
    st.session_state["scene"] = None
    step_to(0)
    try:
        open_desk().release(annotator, version)
    except psycopg.Error:
        _notify("The item in hand was not given back; others get it when its lease runs out.")


def steps_back() -> int:
    """How far back one looks, 0 being the item in hand."""
    back: int = st.session_state.get("steps_back", 0)
    return back


def step_to(back: int) -> None:
    """Look at what was done ``back`` events ago."""
    st.session_state["steps_back"] = back


def toggle_guideline() -> None:
    """Show or hide the guideline: the whole page is to be drawn anew."""
    st.session_state["guideline"] = not guideline_open()
    st.session_state["page_changed"] = True


def guideline_open() -> bool:
    """Whether the guideline is shown."""
    shown: bool = st.session_state.get("guideline", False)
    return shown


def page_changed() -> bool:
    """Whether the last press changed more than the workplace; told once."""
    changed: bool = st.session_state.pop("page_changed", False)
    return changed


def notice() -> str | None:
    """What went wrong at the last press, told once."""
    told: str | None = st.session_state.pop("notice", None)
    return told


def _notify(text: str) -> None:
    st.session_state["notice"] = text
