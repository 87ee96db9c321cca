"""The tagger: one post at a time, one key press per label."""

from __future__ import annotations

import time

import psycopg
import streamlit as st

from include.datasets.tables import MissingTable
from include.golden import events
from include.golden.desk import Desk
from include.golden.item import QUEUES, Item
from include.golden.keywords_in_text import pieces
from include.golden.leases import LeaseLost
from include.settings import PROJECT_ROOT, get_settings

GUIDELINE = PROJECT_ROOT / "docs" / "guideline.md"
KEYS: tuple[tuple[str, str, events.Action, int | None], ...] = (
    ("AI", "1", "label", 1),
    ("Not AI", "2", "label", 0),
    ("Skip", "S", "skip", None),
    ("Flag", "F", "flag", None),
)
QUEUE_HELP = {
    "random": "random: for estimates",
    "uncertainty": "uncertainty: where the weak labels doubt",
}


@st.cache_resource(show_spinner=False)
def desk_at(database: str) -> Desk:
    """The one desk of this server, per database."""
    return Desk(get_settings())


def open_desk() -> Desk:
    """The desk over the database of the settings."""
    settings = get_settings()
    return desk_at(f"{settings.postgres_host}:{settings.postgres_port}/{settings.postgres_database}")


def press(item: Item, action: events.Action, label: int | None) -> None:
    """Record a press; a second press on the same item finds its lease used and does nothing."""
    shown_at = st.session_state.get("shown", {}).get(item.lease_id, time.monotonic())
    milliseconds = min(int((time.monotonic() - shown_at) * 1000), 2**31 - 1)
    try:
        open_desk().record(item, action, label, milliseconds=milliseconds)
    except LeaseLost as lost:
        st.session_state["notice"] = str(lost)
    except psycopg.Error:
        st.session_state["notice"] = "Not saved: the database did not take it. Press again."


def take_back(annotator: str, event: int | None) -> None:
    """Undo the annotator's last event, and no other."""
    try:
        if open_desk().undo(annotator, event) is None:
            st.session_state["notice"] = "There was nothing to undo."
    except psycopg.Error:
        st.session_state["notice"] = "Not undone: the database did not take it. Press again."


def toggle_guideline() -> None:
    """Show or hide the guideline."""
    st.session_state["guideline"] = not st.session_state.get("guideline", False)


def sidebar(desk: Desk) -> tuple[str, int, str] | None:
    """Who labels what: annotator, version and queue; None until a name and a version are there."""
    with st.sidebar:
        annotator = st.text_input("Your name", key="annotator", max_chars=80, bind="query-params").strip()
        versions = desk.versions()
        if not versions:
            st.info(
                "No dataset version has its splits yet. Run the DAG build_dataset, then reload this page."
            )
            return None
        version = st.selectbox("Dataset version", versions, index=len(versions) - 1, key="version")
        queue = st.radio("Queue", QUEUES, key="queue", format_func=lambda name: QUEUE_HELP[name])
    return (annotator, version, queue) if annotator else None


def show_post(item: Item) -> None:
    """The post as text, never as markup; its keywords, language and links beside it."""
    st.text("".join(f"⟦{part}⟧" if keyword else part for part, keyword in pieces(item.text, item.keywords)))
    marks = [f"language {item.lang or 'unknown'}"] + (["retweet"] if item.is_retweet else [])
    st.text(" · ".join([*marks, "keywords in ⟦ ⟧: " + (", ".join(item.keywords) or "none")]))
    for place, link in enumerate(link for link in item.links if link.startswith(("https://", "http://"))):
        st.link_button(_escaped(link), link, key=f"link_{item.lease_id}_{place}")


def _escaped(link: str) -> str:
    """A link as a label: Markdown characters lose their meaning."""
    return "".join(f"\\{char}" if char in r"\`*_{}[]()#+-.!|~>$:<" else char for char in link)


def show_buttons(item: Item, last: int | None) -> None:
    """The keys; each belongs to this lease, so that a second press can't hit the next post."""
    columns = st.columns(len(KEYS) + 2)
    for column, (name, key, action, label) in zip(columns, KEYS, strict=False):
        column.button(
            name,
            key=f"label_{item.lease_id}_{key}",
            shortcut=key,
            on_click=press,
            args=(item, action, label),
            width="stretch",
        )
    show_undo(columns[-2], item.annotator, last, str(item.lease_id))
    columns[-1].button("Guideline", key="show_guideline", shortcut="G", on_click=toggle_guideline)


def show_undo(place: st.delta_generator.DeltaGenerator, annotator: str, last: int | None, scope: str) -> None:
    """The undo key, for the very event that is the last one now."""
    place.button(
        "Undo",
        key=f"undo_{scope}_{last}",
        shortcut="Z",
        on_click=take_back,
        args=(annotator, last),
        disabled=last is None,
    )


def show_progress(desk: Desk, annotator: str, version: int) -> None:
    """One's own count, everybody's, and how much of each split is golden."""
    with st.sidebar:
        done = {line.annotator: line for line in desk.progress(version)}
        mine = done.get(annotator)
        st.metric("Your labels", mine.labelled if mine else 0)
        st.dataframe(
            [
                {
                    "who": who,
                    "AI": line.ai,
                    "not AI": line.not_ai,
                    "skipped": line.skipped,
                    "flagged": line.flagged,
                }
                for who, line in done.items()
            ],
            hide_index=True,
        )
        for split, (golden, total) in desk.golden(version).items():
            st.progress(golden / total if total else 0.0, f"{split}: {golden} of {total} golden")


def label_posts(desk: Desk, annotator: str, version: int, queue: str) -> None:
    """The item in hand, or why there is none."""
    item = desk.next(annotator, version, queue)
    last = desk.last_event(annotator)
    if item is None:
        st.success(
            f"The queue {queue} of version {version} holds nothing more for you. Choose another queue."
        )
        show_undo(st.container(), annotator, last, "empty")
    else:
        st.session_state["shown"] = {item.lease_id: _first_shown(item)}
        show_post(item)
        show_buttons(item, last)
    show_progress(desk, annotator, version)


def _first_shown(item: Item) -> float:
    return st.session_state.get("shown", {}).get(item.lease_id, time.monotonic())


def page() -> None:
    """The whole page; what is missing is said with the next step."""
    st.set_page_config(page_title="Tweetsieve: tagger", layout="wide")
    st.title("Is it about AI?")
    if notice := st.session_state.pop("notice", None):
        st.warning(notice)
    if st.session_state.get("guideline"):
        st.info(
            GUIDELINE.read_text(encoding="utf-8") if GUIDELINE.is_file() else f"No file {GUIDELINE.name}."
        )
    settings = get_settings()
    try:
        desk = open_desk()
        chosen = sidebar(desk)
        if chosen is None:
            st.info("Enter your name in the sidebar to begin.")
        else:
            label_posts(desk, *chosen)
    except psycopg.OperationalError:
        st.error(
            f"No database at {settings.postgres_host}:{settings.postgres_port}. Start the stack (make up),"
            " or set TWEETSIEVE_POSTGRES_HOST and TWEETSIEVE_POSTGRES_PORT; then reload this page."
        )
    except MissingTable as missing:
        st.error(str(missing))


page()
