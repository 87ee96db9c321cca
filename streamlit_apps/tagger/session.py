"""The annotation service that all sessions of this page server share."""

from __future__ import annotations

import streamlit as st

from include.annotation.service import AnnotationService
from include.settings import get_settings


@st.cache_resource(show_spinner=False)
def _service_of(settings: str) -> AnnotationService:
    return AnnotationService(get_settings())


def annotation_service() -> AnnotationService:
    """The service for the database of the current settings; other settings get another one."""
    return _service_of(get_settings().model_dump_json())
