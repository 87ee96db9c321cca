"""The dashboard: the live stream, the models in production, and what there is of everything."""

from __future__ import annotations

import streamlit as st

from streamlit_apps.dashboard.repost import page as repost_page
from streamlit_apps.login import login_configured, person


def main() -> None:
    st.set_page_config(page_title="Tweetsieve", page_icon="🐦", layout="wide")
    if login_configured() and person() is None:
        return
    pages = [
        st.Page(
            repost_page.page, title="To repost", icon=":material/repeat:", url_path="repost", default=True
        ),
        st.Page("posts_page.py", title="Live posts", icon="🐦", url_path="live"),
        st.Page("higgs_page.py", title="Physics events", icon="⚛️", url_path="higgs"),
        st.Page("model_page.py", title="In production", icon="🚦", url_path="production"),
        st.Page("operations_page.py", title="Operations", icon="🧹", url_path="operations"),
    ]
    st.navigation(pages, position="top").run()


main()
