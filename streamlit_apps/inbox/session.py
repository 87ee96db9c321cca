"""The service that all sessions of this page server share."""

from __future__ import annotations

import streamlit as st

from include.settings import get_settings
from include.workloads.sentiment.base.settings import sentiment_settings
from include.workloads.sentiment.queue.service import CaseService


@st.cache_resource(show_spinner=False)
def _service_of(settings: str) -> CaseService:
    return CaseService(get_settings())


def case_service() -> CaseService:
    """The service for the current settings; other settings get another one."""
    return _service_of(get_settings().model_dump_json() + sentiment_settings().model_dump_json())
