"""The most emotional messages, for a person to answer; and how the versions that score them compare."""

from __future__ import annotations

import psycopg
import streamlit as st

from include.errors import UserError
from include.settings import get_settings
from streamlit_apps.hostile_text import as_text
from streamlit_apps.inbox import queue_page, versions_page
from streamlit_apps.login import login_configured, person
from streamlit_apps.tagger.style import STYLE


def main() -> None:
    """Choose the page; where something is missing, say which step comes next."""
    st.set_page_config(page_title="Tweetsieve: inbox", page_icon=":material/inbox:", layout="wide")
    st.html(STYLE)
    if login_configured() and person() is None:
        return
    page = st.navigation(
        [
            st.Page(queue_page.page, title="Messages", icon=":material/inbox:", url_path="messages",
                    default=True),
            st.Page(versions_page.page, title="Versions", icon=":material/compare_arrows:",
                    url_path="versions"),
        ],
        position="top",
    )  # fmt: skip
    settings = get_settings()
    try:
        page.run()
    except psycopg.OperationalError:
        st.error(
            f"No database at {settings.postgres_host}:{settings.postgres_port}. Start the stack (make up),"
            " or set TWEETSIEVE_POSTGRES_HOST and TWEETSIEVE_POSTGRES_PORT; then reload this page."
        )
    except UserError as missing:
        st.info(as_text(str(missing)))


main()
