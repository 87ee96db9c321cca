"""The tagger: one post at a time, one key press per label; and what the labels say.

streamlit run streamlit_apps/tagger/app.py
"""

from __future__ import annotations

import psycopg
import streamlit as st

from include.schema.dataset_tables import MissingTable
from include.settings import get_settings
from streamlit_apps.tagger import label_page, quality_page
from streamlit_apps.tagger.identity import annotator
from streamlit_apps.tagger.session import annotation_service


def main() -> None:
    """Choose annotator, version and page; where something is missing, say which step comes next."""
    st.set_page_config(page_title="Tweetsieve: tagger", page_icon="🏷️", layout="wide")
    chosen: dict[str, tuple[str, int] | None] = {"now": None}
    page = st.navigation(
        [
            st.Page(
                lambda: label_page.page(chosen["now"]), title="Tag", icon="🏷️", url_path="tag", default=True
            ),
            st.Page(lambda: quality_page.page(chosen["now"]), title="Labels", icon="📊", url_path="labels"),
        ],
        position="top",
    )
    settings = get_settings()
    try:
        chosen["now"] = choose()
        page.run()
    except psycopg.OperationalError:
        st.error(
            f"No database at {settings.postgres_host}:{settings.postgres_port}. Start the stack (make up),"
            " or set TWEETSIEVE_POSTGRES_HOST and TWEETSIEVE_POSTGRES_PORT; then reload this page."
        )
    except MissingTable as missing:
        st.error(str(missing))


def choose() -> tuple[str, int] | None:
    """The annotator and the version, by default the newest; None until both are known."""
    who = annotator()
    versions = annotation_service().versions()
    with st.sidebar:
        if not versions:
            st.info(
                "No dataset version has its splits yet. Run the DAG build_dataset, then reload this page."
            )
            return None
        version = st.selectbox("Dataset version", versions, index=len(versions) - 1, key="version")
    return (who, version) if who else None


main()
