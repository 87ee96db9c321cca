"""What each key does to the walk and to the card that is looked at."""

from __future__ import annotations

from uuid import UUID

import psycopg
import streamlit as st

from include.curation.cards import Card
from include.curation.events import Action, CardLeaseLost
from include.curation.posting import posts_itself
from include.curation.walk import Walk
from include.settings import get_settings
from streamlit_apps.dashboard.repost import state
from streamlit_apps.dashboard.repost.session import curation_service
from streamlit_apps.scene import notify

SAID = {"repost": "Reposted", "hide": "Hidden", "hide_domain": "Site hidden", "wrong": "Sent to the tagger"}


def decide(walk: Walk, card: Card, curator: str, action: Action, lease: UUID) -> None:
    """Record a decision and go on to the next card."""
    try:
        done = curation_service().decide(walk, card, curator, action, lease)
        st.session_state["did"] = SAID[action] if done else "This card was decided already"
        if done and action == "repost" and posts_itself(card, get_settings()):
            send(card, curator)
    except CardLeaseLost as lost:
        notify(str(lost))
    except psycopg.Error:
        notify("Not recorded: the database refused it. Press again.")


def send(card: Card, curator: str) -> None:
    """Repost at the platform, and say what came of it."""
    try:
        st.session_state["did"] = curation_service().post(card, curator)
    except psycopg.Error:
        notify(
            "It is not known whether the repost was sent: the database did not take the answer. Look there."
        )


def move(walk: Walk, curator: str, step: str) -> None:
    """One step of the walk."""
    st.session_state.pop("did", None)
    try:
        curation_service().move(walk, curator, step)
    except psycopg.Error:
        notify("The database does not answer. Press again.")


def undo(walk: Walk, curator: str) -> None:
    """Take the latest decision back; its card is looked at again."""
    try:
        undone = curation_service().undo(walk, curator)
        st.session_state["did"] = "Undone" if undone else "There was nothing to undo"
        if undone and posts_itself(undone, get_settings()) and not get_settings().repost_dry_run:
            notify("Undone here alone: what was reposted on X is to be taken back there.")
    except psycopg.Error:
        notify("Not undone: the database refused it. Press again.")


def top(curator: str) -> None:
    """Begin again at the top."""
    st.session_state.pop("did", None)
    try:
        state.top(curator)
    except psycopg.Error:
        notify("The database does not answer. Press again.")


def toggle_filter() -> None:
    """Show or hide the form."""
    st.session_state["filtering"] = not st.session_state.get("filtering", False)
