"""What a browser session knows: who curates, the walk through the cards, how many there are."""

from __future__ import annotations

import time
from datetime import datetime

import streamlit as st

from include.curation.filters import Filter
from include.curation.service import Counts
from include.curation.walk import Walk
from streamlit_apps.dashboard.repost.session import curation_service

COUNTED_SECONDS = 20.0
"""For so long the number of cards is not asked again: a key is to be quick."""


def wanted() -> Filter:
    """The filter of the address."""
    return Filter.of_address(st.query_params.to_dict())


def walk_of(curator: str) -> Walk:
    """The session's walk; another filter, or another name, begins at the top."""
    known = (curator, wanted())
    if st.session_state.get("walk_of") != known:
        top(curator)
    walk: Walk = st.session_state["walk"]
    return walk


def top(curator: str) -> None:
    """Begin at the top, with all that was decided until now."""
    st.session_state["walk"] = curation_service().begin(curator, wanted())
    st.session_state["walk_of"] = (curator, wanted())
    st.session_state.pop("counted", None)


def last_visit(curator: str) -> datetime | None:
    """When this person opened the page the time before; asked once a session."""
    if st.session_state.get("visit_of") != curator:
        st.session_state["visit"] = curation_service().visit(curator)
        st.session_state["visit_of"] = curator
    before: datetime | None = st.session_state["visit"]
    return before


def counts_of(walk: Walk, curator: str) -> Counts:
    """How many cards there are, as of some seconds ago."""
    at, found = st.session_state.get("counted", (0.0, None))
    if found is None or time.monotonic() - at > COUNTED_SECONDS:
        found = curation_service().counts(walk, curator, last_visit(curator))
        st.session_state["counted"] = (time.monotonic(), found)
    counted: Counts = found
    return counted
