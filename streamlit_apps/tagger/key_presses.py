"""What a key press does, and the state of a browser session that it changes."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import psycopg
import streamlit as st

from include.annotation.labels import events
from include.annotation.queues.item import Item
from include.annotation.queues.leases import ItemLeaseLost
from include.annotation.service import CurrentItem
from streamlit_apps.scene import draw_scene, notice, notify, only_in, writes_in
from streamlit_apps.tagger.session import annotation_service

__all__ = [
    "draw_scene", "first_shown", "guideline_open", "keys_of", "leave_item", "notice", "only_in",
    "page_changed", "press", "step_to", "steps_back", "take_back", "toggle_guideline", "writes_in",
]  # fmt: skip


class Key(NamedTuple):
    """A button that labels: its name, icon and key, and the event that it writes."""

    slug: str
    name: str
    icon: str
    shortcut: str
    action: events.Action
    label: int | None


_KEYS: tuple[Key, ...] = (
    Key("ai", "AI", ":material/check:", "1", "label", 1),
    Key("not_ai", "Not AI", ":material/close:", "2", "label", 0),
    Key("skip", "Skip", ":material/skip_next:", "S", "skip", None),
    Key("flag", "Flag", ":material/flag:", "F", "flag", None),
)


def keys_of(item: Item | None) -> list[Key]:
    """The keys that label an item; an adjudicator's label is an adjudication."""
    decides = item is not None and item.queue == "adjudication"
    return [key._replace(action="adjudicate") if decides and key.label is not None else key for key in _KEYS]


def first_shown(current: CurrentItem) -> None:
    """Remember when an item was first shown, and what was shown beside it."""
    item = current.item
    if item is None or item.lease_id in st.session_state.get("seen", {}):
        return
    shown: dict[str, Any] = {"keywords": list(item.keywords)} if item.keywords else {}
    shown |= current.suggestion.logged() if current.suggestion else {}
    st.session_state["seen"] = {item.lease_id: (time.monotonic(), shown)}


def press(item: Item, action: events.Action, label: int | None) -> None:
    """Record a key press; an item that was done already, as in a second window, keeps its event."""
    shown_at, shown = st.session_state.get("seen", {}).get(item.lease_id, (time.monotonic(), {}))
    milliseconds = min(int((time.monotonic() - shown_at) * 1000), 2**31 - 1)
    try:
        recorded = annotation_service().record(item, action, label, shown=shown, milliseconds=milliseconds)
        if recorded is None:
            notify(
                "You had done this post already, in another window perhaps: this press changed nothing."
                " Undo takes the first one back."
            )
    except ItemLeaseLost as lost:
        notify(str(lost))
    except psycopg.Error:
        notify("Not saved: the database refused it. Press again.")


def take_back(annotator: str, event: int | None) -> None:
    """Undo this event of the annotator; its post becomes the current item again."""
    step_to(0)
    try:
        if annotation_service().undo(annotator, event) is None:
            notify("There was nothing to undo.")
    except psycopg.Error:
        notify("Not undone: the database refused it. Press again.")


def leave_item(annotator: str, version: int) -> None:
    """Release the current item when another queue is chosen."""
    st.session_state["scene"] = None
    step_to(0)
    try:
        annotation_service().release(annotator, version)
    except psycopg.Error:
        notify("The current post was not released; others get it when its lease runs out.")


def steps_back() -> int:
    """How many events back the page shows, 0 being the current item."""
    back: int = st.session_state.get("steps_back", 0)
    return back


def step_to(back: int) -> None:
    """Show what was done ``back`` events ago."""
    st.session_state["steps_back"] = back


def toggle_guideline() -> None:
    """Show or hide the guideline; the whole page must be drawn again."""
    st.session_state["guideline"] = not guideline_open()
    st.session_state["page_changed"] = True


def guideline_open() -> bool:
    """Whether the guideline is shown."""
    shown: bool = st.session_state.get("guideline", False)
    return shown


def page_changed() -> bool:
    """Whether the last press changed more than the fragment it is in; reported once."""
    changed: bool = st.session_state.pop("page_changed", False)
    return changed
