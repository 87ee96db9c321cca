"""The form of the filter; what it chooses is the address, which can be shared and survives a reload."""

from __future__ import annotations

from typing import Any

import streamlit as st

from include.curation.filters import ORIGINS, STATES, Filter
from include.curation.walk import Walk
from streamlit_apps.dashboard.repost.session import curation_service

ANY = "any"
SOURCES = {"live": "live posts", "dump": "old posts of a dump", "synthetic": "invented posts"}
STATE_NAMES = {"open": "to decide", "reposted": "reposted", "hidden": "hidden", "wrong": "sent to the tagger"}


def show_form(walk: Walk) -> None:
    """The form, filled with the walk's filter."""
    now = walk.wanted
    found = curation_service().languages(now.source)
    languages = [ANY, *found, *([now.lang] if now.lang and now.lang not in found else [])]
    with st.form("filter"):
        left, right = st.columns(2)
        with left:
            st.text_input("Words", now.q, key="f_q", max_chars=200, help='Whole words; "a phrase"; -without')
            st.text_input("Site", now.domain, key="f_domain", max_chars=200)
            st.selectbox("Language", languages, languages.index(now.lang or ANY), key="f_lang")
            st.number_input(
                "Probability at least", 0.0, 1.0, walk.least, 0.05, key="f_p",
                help=f"The model in service was promoted with {walk.model.threshold:.2f}.",
            )  # fmt: skip
        with right:
            st.radio("Posts", ORIGINS, ORIGINS.index(now.source), key="f_source", format_func=SOURCES.get)
            st.radio("Cards", STATES, STATES.index(now.state), key="f_state", format_func=STATE_NAMES.get)
            st.date_input("First seen from (UTC)", now.since, key="f_since")
            st.date_input("First seen until (UTC)", now.until, key="f_until")
        st.form_submit_button("Show", key="f_show", type="primary", on_click=_chosen, args=[walk])
    st.button("Clear the filter", key="f_clear", on_click=_use, args=[Filter()])


def _chosen(walk: Walk) -> None:
    given: dict[str, Any] = {
        name: st.session_state.get(f"f_{name}")
        for name in ("q", "domain", "lang", "source", "state", "since", "until", "p")
    }
    if given["lang"] == ANY:
        given["lang"] = ""
    if walk.wanted.p is None and given["p"] is not None and abs(given["p"] - walk.least) < 0.001:
        given["p"] = None  # left as it was: the threshold of whichever model is in service
    texts = {name: str(value) for name, value in given.items() if value not in (None, "")}
    _use(Filter.of_address(texts))


def _use(chosen: Filter) -> None:
    st.query_params.from_dict(chosen.address())
    st.session_state["filtering"] = False
