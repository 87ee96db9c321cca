"""The service that all sessions of this page server share."""

from __future__ import annotations

import streamlit as st

from include.curation.service import CurationService
from include.settings import get_settings


@st.cache_resource(show_spinner=False)
def _service_of(settings: str) -> CurationService:
    return CurationService(get_settings())


def curation_service() -> CurationService:
    """The service for the current settings; other settings get another one."""
    return _service_of(get_settings().model_dump_json())
