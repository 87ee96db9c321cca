"""The page of emotional messages: the oldest first; a person takes one, answers it, or gives it back."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import psycopg
import streamlit as st

from include.annotation.queues.leases import ItemLeaseLost
from include.workloads.sentiment.queue.cases import LONGEST_ANSWER, RATINGS, Case, Waiting
from streamlit_apps.hostile_text import as_html, as_text
from streamlit_apps.inbox.session import case_service
from streamlit_apps.tagger.identity import annotator

LONGEST_SHOWN = 5_000
NOT_SAID = "not said"
MEANING = {RATINGS[0]: "very negative", 0: "neutral", RATINGS[-1]: "very positive"}


def page() -> None:
    """The queue's length, and the message that this person has taken."""
    service = case_service()
    person = annotator(st.session_state.get("person"))
    if person is None:
        return
    if person != st.session_state.get("person"):
        st.session_state["person"] = person
        st.rerun()  # without the form
    show_waiting(service.waiting())
    if notice := st.session_state.pop("notice", None):
        st.warning(as_text(notice))
    case = service.current(person)
    if case is None:
        st.button("Take the oldest message", key="take", type="primary", on_click=take, args=[person])
    else:
        show_case(case)
        show_answer(case)
    st.caption(as_text(f"You are {person}."))


def show_waiting(queue: Waiting) -> None:
    """How many wait, and since when; and what counts as emotional."""
    above = case_service().above
    columns = st.columns(4)
    columns[0].metric("Waiting", f"{queue.waiting:,}")
    columns[1].metric("Oldest", "–" if queue.oldest is None else f"{age(queue.oldest)} ago")
    columns[2].metric("With somebody", f"{queue.taken:,}")
    columns[3].metric("Answered", f"{queue.answered:,}")
    st.caption(
        f"Messages whose compound is at least {above.compound:g} away from 0, or whose neg is at least"
        f" {above.neg:g}; the oldest comes first."
    )


def age(since: datetime) -> str:
    """How long ago, in the largest unit that fits.

    >>> from datetime import timedelta
    >>> age(datetime.now(UTC) - timedelta(minutes=5))
    '5 min'
    """
    seconds = max(0, int((datetime.now(UTC) - since).total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def show_case(case: Case) -> None:
    """The message as plain text, with its scores."""
    with st.container(border=True):
        st.html(f'<div class="ts-post" dir="auto">{as_html(case.text[:LONGEST_SHOWN])}</div>')
        if (hidden := len(case.text) - LONGEST_SHOWN) > 0:
            st.caption(f"The last {hidden:,} characters are not shown.")
        key = (case.message_key or b"").decode("utf-8", "replace")
        st.caption(
            f"compound {case.compound:+.3f} · neg {case.neg:.3f} · neu {case.neu:.3f} · pos {case.pos:.3f} · "
            f"scored by {as_text(case.model_version)} · arrived {case.arrived_at:%Y-%m-%d %H:%M:%S} UTC · "
            f"key {as_text(key[:80])}"
        )


def show_answer(case: Case) -> None:
    """The form for an answer, and the way to give the message back."""
    with st.form(f"form_{case.lease_id}", border=False):
        st.text_area("Your answer, or what was done", key=f"answer_{case.lease_id}", max_chars=LONGEST_ANSWER)
        st.selectbox(
            "How does the message sound to you?", [NOT_SAID, *RATINGS], key=f"rating_{case.lease_id}",
            format_func=named, help="Optional. Both versions are compared with what people say.",
        )  # fmt: skip
        st.form_submit_button("Answer", type="primary", key=f"send_{case.lease_id}", on_click=answer,
                              args=[case.lease_id, case.person])  # fmt: skip
    st.button(
        "Release", key=f"release_{case.lease_id}", on_click=release, args=[case.lease_id, case.person],
        help="Somebody else gets it.",
    )  # fmt: skip


def named(rating: int | str) -> str:
    """A rating as the list shows it.

    >>> named(-4), named(2)
    ('-4: very negative', '+2')
    """
    if isinstance(rating, str):
        return rating
    meaning = MEANING.get(rating)
    return f"{rating:+d}: {meaning}" if meaning else f"{rating:+d}"


def take(person: str) -> None:
    try:
        if case_service().take(person) is None:
            say("Nothing waits now.")
    except psycopg.Error:
        say("Not taken: the database refused it. Press again.")


def answer(lease: UUID, person: str) -> None:
    rating = st.session_state.get(f"rating_{lease}")
    try:
        case_service().answer(
            lease, person, st.session_state.get(f"answer_{lease}", ""), rating if rating in RATINGS else None
        )
    except (ItemLeaseLost, ValueError) as problem:
        say(str(problem))
    except psycopg.Error:
        say("Not saved: the database refused it. Press again.")


def release(lease: UUID, person: str) -> None:
    try:
        case_service().release(lease, person)
    except ItemLeaseLost as lost:
        say(str(lost))
    except psycopg.Error:
        say("Not released; others get it when your turn runs out.")


def say(text: str) -> None:
    """Told once, when the page is drawn next."""
    st.session_state["notice"] = text
