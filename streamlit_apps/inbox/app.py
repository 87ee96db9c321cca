"""The server of the page of emotional messages, behind the check of the host name.

streamlit run streamlit_apps/inbox/app.py
"""

from __future__ import annotations

import streamlit as st

from streamlit_apps.host_check import host_check

app = st.App("navigation.py", middleware=[host_check()])
