"""The dashboard's first page: classified posts with their links as they arrive, and the stream's health."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from include.curation.threshold import BEFORE_THE_FIRST, in_service
from include.dashboard.health import Health, age, counted, stream_health
from include.dashboard.posts import Filter, Page, find_posts, languages, table_rows
from include.dashboard.read_only import CannotShow, ReadOnlyConnection, read_only_connection
from include.dashboard.trends import dead_letter_reasons, top_domains
from include.settings import get_settings
from include.text.spreadsheet import guarded_rows

ANY_LANGUAGE = "any"
PAGE_SIZES = (25, 50, 100, 200)
BADGES = {"running": "green", "waiting": "orange", "silent": "red", "never ran": "gray"}

POST_COLUMNS = {
    "text": st.column_config.TextColumn("Text", width="large"),
    "probability": st.column_config.ProgressColumn("About AI", min_value=0.0, max_value=1.0, format="%.3f"),
    "link": st.column_config.LinkColumn("Link", width="medium", help="the first external link"),
    "domain": st.column_config.TextColumn("Domain"),
    "more_links": st.column_config.ListColumn("More links"),
    "lang": st.column_config.TextColumn("Language", width="small"),
    "created_at": st.column_config.DatetimeColumn("Written", format="YYYY-MM-DD HH:mm:ss"),
    "arrived_at": st.column_config.DatetimeColumn("Arrived", format="YYYY-MM-DD HH:mm:ss"),
    "model_version": st.column_config.NumberColumn("Model", width="small"),
    "permalink": st.column_config.LinkColumn("Post", display_text="open", width="small"),
}
DOMAIN_COLUMNS = {
    "domain": st.column_config.TextColumn("Domain"),
    "posts": st.column_config.NumberColumn("Posts"),
    "links": st.column_config.NumberColumn("Different links"),
    "last_seen": st.column_config.DatetimeColumn("Last seen", format="YYYY-MM-DD HH:mm:ss"),
}
REASON_COLUMNS = {
    "stage": st.column_config.TextColumn("Stage"),
    "reason": st.column_config.TextColumn("Reason"),
    "messages": st.column_config.NumberColumn("Messages"),
    "last_seen": st.column_config.DatetimeColumn("Last seen", format="YYYY-MM-DD HH:mm:ss"),
}


def main() -> None:
    st.title("Posts about AI, with their links")
    wanted, limit, live = choose()
    live_panel(show_health, "5s", live)
    live_panel(lambda: show_posts(wanted, limit), "5s", live)
    left, right = st.columns(2)
    with left:
        live_panel(lambda: show_domains(wanted.threshold), "30s", live)
    with right:
        live_panel(show_dead_letters, "30s", live)


def choose() -> tuple[Filter, int, bool]:
    """The sidebar: which posts, how many on a page, and whether the panels refresh themselves."""
    with st.sidebar:
        wanted = Filter(
            threshold=st.slider(
                "Probability at least",
                0.0,
                1.0,
                promoted_threshold(),
                0.01,
                key="threshold",
                help="at first the threshold that the model in service was promoted with",
            ),
            links_only=st.toggle("Only posts with links", value=True, key="links_only"),
            lang=choose_language(),
            search=st.text_input("Text contains", max_chars=200, key="search"),
            order=st.radio("Order", ("newest", "most likely"), horizontal=True, key="order"),
        )
        limit = st.selectbox("Posts on a page", PAGE_SIZES, index=1, key="limit")
        live = st.toggle(
            "Live", value=True, key="live", help="off: nothing is refreshed until it is on again"
        )
    return wanted, limit, live


def promoted_threshold() -> float:
    """The threshold of the model in service."""
    found = ask(lambda reader: in_service(reader, get_settings()))
    return BEFORE_THE_FIRST if found is None else float(found.threshold)


def choose_language() -> str | None:
    found = ask(languages) or []
    chosen = st.selectbox("Language", [ANY_LANGUAGE, *found], key="lang")
    return None if chosen == ANY_LANGUAGE else chosen


def live_panel(panel: Callable[[], None], every: str, live: bool) -> None:
    """Run a panel periodically, or once while the page is paused."""
    st.fragment(panel, run_every=every if live else None)()


def ask(question: Callable[[ReadOnlyConnection], Any]) -> Any:
    """The answer of the database, or None if it can't be asked; the panels say why."""
    try:
        with read_only_connection(get_settings()) as reader:
            return question(reader)
    except CannotShow:
        return None


def show_health() -> None:
    try:
        with read_only_connection(get_settings()) as reader:
            health = stream_health(reader)
    except CannotShow as problem:
        st.error(problem.why)
        st.info(problem.step)
        return
    columns = st.columns(6)
    with columns[0]:
        st.badge(f"Stream: {health.state}", color=BADGES[health.state])  # type: ignore[arg-type]
        st.caption(f"heartbeat {age(health.silence)} ago")
    columns[1].metric("Last posts", f"{age(health.freshness)} ago" if health.freshness is not None else "–")
    columns[2].metric("Behind Kafka by", "–" if health.lag is None else f"{health.lag:,}")
    columns[3].metric("Posts per minute", f"{health.posts_per_minute:,}")
    columns[4].metric("Model version", health.model_version or "–")
    columns[5].metric("Dead letters", counted(health.dead_letters))
    explain(health)


def explain(health: Health) -> None:
    """What to do about a stream that does not run."""
    if health.state == "never ran":
        st.info("The stream has not run yet. Run the DAG stream_classifier.")
    elif health.state == "silent":
        st.error(
            f"No heartbeat from the stream for {age(health.silence)}: what is below is not current. "
            "Run the DAG stream_classifier; 'make logs' shows why it ended."
        )
    elif health.state == "waiting":
        st.warning(f"The stream is {health.says}.")


def show_posts(wanted: Filter, limit: int) -> None:
    st.subheader("Posts")
    after = cursor_of(wanted, limit)
    try:
        with read_only_connection(get_settings()) as reader:
            page = find_posts(reader, wanted, limit=limit, after=after)
    except CannotShow as problem:
        st.warning(f"{problem.why} {problem.step}")
        return
    if page.posts:
        st.dataframe(
            guarded_rows(table_rows(page.posts)),
            column_config=POST_COLUMNS,
            column_order=tuple(POST_COLUMNS),
            hide_index=True,
        )
    else:
        st.info("No post fits. Lower the probability, clear the search, or allow posts without links.")
    turn_pages(page, paged=after is not None)


def cursor_of(wanted: Filter, limit: int) -> dict[str, Any] | None:
    """The cursor of the current page; other filters begin at the first one."""
    if st.session_state.get("paged_for") != (wanted, limit):
        st.session_state.paged_for = (wanted, limit)
        st.session_state.after = None
    return st.session_state.after


def turn_pages(page: Page, *, paged: bool) -> None:
    def turn(after: dict[str, Any] | None) -> None:
        st.session_state.after = after

    first, further, _ = st.columns([1, 1, 6])
    first.button("First page", key="first", disabled=not paged, on_click=turn, args=[None])
    further.button("Next page", key="next", disabled=page.after is None, on_click=turn, args=[page.after])


def show_domains(threshold: float) -> None:
    st.subheader("Top domains")
    show_table(lambda reader: top_domains(reader, threshold), DOMAIN_COLUMNS, "No links yet.")


def show_dead_letters() -> None:
    st.subheader("Dead letters by reason")
    show_table(dead_letter_reasons, REASON_COLUMNS, "None: every message was read and scored.")


def show_table(question: Callable[[ReadOnlyConnection], Any], columns: dict[str, Any], empty: str) -> None:
    try:
        with read_only_connection(get_settings()) as reader:
            rows = question(reader)
    except CannotShow as problem:
        st.caption(problem.why)
        return
    if rows:
        st.dataframe(guarded_rows(rows), column_config=columns, column_order=tuple(columns), hide_index=True)
    else:
        st.caption(empty)


main()
