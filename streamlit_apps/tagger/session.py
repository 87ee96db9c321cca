"""The desk that all sessions of this page server share."""

from __future__ import annotations

import streamlit as st

from include.annotation.service import Desk
from include.settings import get_settings


@st.cache_resource(show_spinner=False)
def _desk_of(settings: str) -> Desk:
    return Desk(get_settings())


def open_desk() -> Desk:
    """The desk over the database of the settings; other settings have another one."""
    return _desk_of(get_settings().model_dump_json())
