"""The dashboard's page on operations: how much there is of everything that grows, and what bounds it."""

from __future__ import annotations

import streamlit as st

from include.housekeeping.inventory import Holding, inventory
from include.settings import get_settings
from include.text.spreadsheet import guarded_rows

COLUMNS = {
    "name": st.column_config.TextColumn("What", width="medium"),
    "count": st.column_config.NumberColumn("How many", format="localized"),
    "megabytes": st.column_config.NumberColumn("MB", format="%.1f"),
    "limit": st.column_config.TextColumn("Kept"),
    "setting": st.column_config.TextColumn("Setting", width="medium"),
    "problem": st.column_config.TextColumn("Why it is not known", width="large"),
}


def main() -> None:
    st.title("What there is, and how long it is kept")
    holdings = looked_at(get_settings().model_dump_json())
    rows = [row_of(one) for one in holdings]
    st.dataframe(guarded_rows(rows), column_config=COLUMNS, column_order=tuple(COLUMNS), hide_index=True)
    if any(one.problem for one in holdings):
        st.warning("Something could not be looked at; the last column says why.")
    st.caption(
        "Of large tables the number is the planner's estimate. Looked at once a minute at most."
        " The DAG keep_house deletes what is older than its limit every night;"
        " docs/retention.md says what it never touches."
    )


@st.cache_data(ttl=60, show_spinner="Looking at tables, topics and files …")
def looked_at(of_settings: str) -> list[Holding]:
    """The inventory, of these settings; one walk over all files a minute, however many look at it."""
    return inventory(get_settings())


def row_of(one: Holding) -> dict[str, object]:
    """A row of the table."""
    megabytes = None if one.bytes is None else one.bytes / 10**6
    return {
        "name": one.name,
        "count": one.count,
        "megabytes": megabytes,
        "limit": one.limit,
        "setting": one.setting,
        "problem": one.problem or None,
    }


main()
