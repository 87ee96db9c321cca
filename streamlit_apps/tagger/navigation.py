"""The tagger: one post at a time, one key press per label; and what the labels say."""

from __future__ import annotations

import psycopg
import streamlit as st

from include.schema.dataset_tables import MissingTable
from include.settings import get_settings
from streamlit_apps.hostile_text import as_text
from streamlit_apps.login import login_configured, person
from streamlit_apps.tagger import browser, choice, label_page, quality_page
from streamlit_apps.tagger.choice import Work
from streamlit_apps.tagger.session import annotation_service
from streamlit_apps.tagger.style import STYLE


def main() -> None:
    """Choose annotator, version and page; where something is missing, say which step comes next."""
    st.set_page_config(page_title="Tweetsieve: tagger", page_icon=":material/label:", layout="wide")
    st.html(STYLE)
    if login_configured() and person() is None:
        return
    chosen: list[Work] = []
    page = st.navigation(
        [
            st.Page(
                lambda: label_page.page(*chosen),
                title="Tag", icon=":material/label:", url_path="tag", default=True,
            ),
            st.Page(
                lambda: quality_page.page(*chosen),
                title="Labels", icon=":material/bar_chart:", url_path="labels",
            ),
        ],
        position="top",
    )  # fmt: skip
    settings = get_settings()
    try:
        shown = st.container()
        browser.prepare(choice.choices())  # below what is shown, but before it: a reload may come at once
        with shown:
            if work := choice.work(annotation_service().versions()):
                chosen.append(work)
                page.run()
    except psycopg.OperationalError:
        st.error(
            f"No database at {settings.postgres_host}:{settings.postgres_port}. Start the stack (make up),"
            " or set TWEETSIEVE_POSTGRES_HOST and TWEETSIEVE_POSTGRES_PORT; then reload this page."
        )
    except MissingTable as missing:
        st.error(as_text(str(missing)))


main()
