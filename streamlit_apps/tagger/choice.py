"""What an annotator works on: a version and a queue, chosen in a form that is gone when it is done.

A list or a row of radio buttons that stayed beside the post would keep the focus after a click: digits then
go to it and not to the post, and an arrow changes the choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import streamlit as st

from include.annotation.queues.item import QUEUES, QueueName
from include.annotation.queues.roles import Role, role_of
from include.settings import get_settings
from streamlit_apps.tagger import browser, identity, key_presses

QUEUE_HELP: dict[QueueName, str] = {
    "random": "drawn at random: the only one used for estimates",
    "overlap": "what a colleague labelled: to measure agreement",
    "uncertainty": "where the soft label is near a half",
    "conflict": "where the labelling functions disagree",
    "disagreement": "where the model in service and the soft label differ",
    "reported": "what curators held to be classified wrongly; blind, and for no estimate",
    "adjudication": "disputed and flagged posts, to be decided",
}


class Work(NamedTuple):
    """Who labels what."""

    annotator: str
    version: int
    queue: QueueName


def work(versions: Sequence[int]) -> Work | None:
    """The session's work; None while something is missing or being chosen, for which a form is shown.

    A new session goes on with what the browser remembers, else with the newest version at random.
    """
    chosen = choices()
    known = chosen.get("annotator")
    annotator = identity.annotator(known if isinstance(known, str) else None)
    if annotator is None:
        return None
    if annotator != known:
        chosen["annotator"] = annotator
        st.rerun()  # without the form
    if not versions:
        st.info("No dataset version has its splits yet. Run the DAG build_dataset, then reload this page.")
        return None
    now = checked(chosen, annotator, versions)
    if not st.session_state.get("choosing"):
        show_work(now)
        return now
    show_form(now, versions)
    return None


def choices() -> dict[str, Any]:
    """What was chosen in this session: annotator, version and queue, as far as they were."""
    if "choices" not in st.session_state:
        st.session_state["choices"] = browser.remembered()
    chosen: dict[str, Any] = st.session_state["choices"]
    return chosen


def checked(chosen: dict[str, Any], annotator: str, versions: Sequence[int]) -> Work:
    """The choices as far as they can be had; else the newest version and the random queue."""
    newest: int = st.session_state.setdefault("newest", versions[-1])  # the same for the whole session
    version: int = chosen["version"] if chosen.get("version") in versions else newest
    queue: QueueName = chosen["queue"] if chosen.get("queue") in queues_of(annotator) else "random"
    return Work(annotator, version, queue)


def queues_of(annotator: str) -> list[QueueName]:
    """The queues of an annotator's role."""
    decides = role_of(annotator, get_settings()) is Role.ADJUDICATOR
    return [name for name in QUEUES if decides or name != "adjudication"]


def show_work(now: Work) -> None:
    """One line that says who labels what, and a button to change it."""
    with st.container(horizontal=True, vertical_alignment="center", key="work"):
        st.text(f"queue {now.queue} · version {now.version} · {now.annotator}", width="stretch")
        st.button("Change", key="change", shortcut="Q", on_click=_choosing, args=(True,))


def show_form(now: Work, versions: Sequence[int]) -> None:
    """The form for version and queue, and the way out of the name."""
    queues = queues_of(now.annotator)
    with st.form("work", width=520):
        st.selectbox("Dataset version", versions, index=versions.index(now.version), key="version")
        st.radio(
            "Queue", queues, queues.index(now.queue), key="queue", captions=[QUEUE_HELP[q] for q in queues]
        )
        st.caption(f"Your role: {role_of(now.annotator, get_settings())}")
        st.form_submit_button("Go on", key="go_on", type="primary", on_click=_chosen, args=(now,))
    st.text(f"You are {now.annotator}.")
    if identity.login_configured():
        st.button("Log out", on_click=st.logout, key="log_out")
    else:
        st.button("Use another name", on_click=_forget, args=(now,), key="another_name")


def _choosing(begins: bool) -> None:
    st.session_state["choosing"] = begins


def _chosen(before: Work) -> None:
    version, queue = st.session_state["version"], st.session_state["queue"]
    st.session_state["choices"] = choices() | {"version": version, "queue": queue}
    if (version, queue) != before[1:]:
        key_presses.leave_item(before.annotator, before.version)
    _choosing(False)


def _forget(before: Work) -> None:
    key_presses.leave_item(before.annotator, before.version)
    st.session_state["choices"] = {}
    _choosing(False)
