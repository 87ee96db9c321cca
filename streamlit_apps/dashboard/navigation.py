"""The dashboard: the live stream, the models in production, and what there is of everything."""

from __future__ import annotations

import streamlit as st


def main() -> None:
    st.set_page_config(page_title="Tweetsieve", page_icon="🐦", layout="wide")
    pages = [
        st.Page("posts_page.py", title="Live posts", icon="🐦", url_path="live", default=True),
        st.Page("model_page.py", title="In production", icon="🚦", url_path="production"),
        st.Page("operations_page.py", title="Operations", icon="🧹", url_path="operations"),
    ]
    st.navigation(pages, position="top").run()


main()
